"""A tenant of a few objects that speaks Graph over TLS, with faults made to order.

It knows the handful of paths that the reading code uses, answers in the caller's event loop, and counts
what it is asked. The simulated tenant of `recovery.rehearsal` is the thorough one; this one is small
enough to break in any way.
"""

from __future__ import annotations

import asyncio
import base64
import datetime
import inspect
import ipaddress
import json
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.credential import CredentialSettings
from config.export import ExportSettings
from config.tenant import TenantSettings

TENANT_ID = "11111111-2222-4333-8444-555555555555"
CLIENT_ID = "99999999-2222-4333-8444-555555555555"
READ_ROLES = (
    "Directory.Read.All",
    "Policy.Read.All",
    "Member.Read.Hidden",
    "CustomSecAttributeAssignment.Read.All",
    "User-LifeCycleInfo.Read.All",
)
EXPAND_LIMIT = 20

Json = dict[str, Any]
Fault = Callable[[web.Request], web.StreamResponse | Awaitable[web.StreamResponse] | None]


@dataclass
class SmallTenant:
    """`lists`: objects by path. `related`: targets, or null, by path of the relation. `singles`: objects by path.

    `service_principals_on_beta_only` names relations as `/groups/{id}/members` that v1.0 shows without them.
    `sign_ins` are the forms that the authority got, `hosts` the names that requests were sent to.
    A fault is asked before each answer and may give another one; the authority has faults of its own.
    """

    folder: Path
    lists: dict[str, list[Json]] = field(default_factory=dict)
    related: dict[str, list[Any]] = field(default_factory=dict)
    singles: dict[str, Json] = field(default_factory=dict)
    roles: tuple[str, ...] = READ_ROLES
    directory_roles: tuple[str, ...] = ()
    page_size: int = 100
    simulated: bool = True
    token_seconds: int = 3600
    faults: list[Fault] = field(default_factory=list)
    authority_faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    sign_ins: list[Json] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    tokens: int = 0
    origin: str = ""
    no_expansion: bool = False

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{rest:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate())
        site = web.TCPSite(self._runner, "localhost", 0, ssl_context=context)
        await site.start()
        server = self._runner.addresses[0]
        self.origin = f"https://localhost:{server[1]}"
        self.lists.setdefault("/organization", [{"id": TENANT_ID, "displayName": "Small"}])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def certificate(self) -> Path:
        """Gives the file of its certificate, which is its own authority."""
        return _certificate_in(self.folder)

    def settings(self, **changes: Any) -> TenantSettings:
        """Gives settings that point here, with a client secret."""
        secret = self.folder / "secret"
        secret.write_text("secret\n")
        secret.chmod(0o600)
        values: Json = {
            "id": TENANT_ID,
            "simulated": self.simulated,
            "graph_url": self.origin,
            "authority_url": self.origin,
            "ca_bundle_file": self.folder / "small.pem",
            "credential": CredentialSettings(kind="secret", client_id=CLIENT_ID, secret_file=secret),
        }
        return TenantSettings.model_construct(**{**values, "cloud": "global", **changes})

    def on(self, part: str, answer: Callable[[], web.StreamResponse], times: int = 1_000_000) -> None:
        """Answers requests whose URL holds `part` with something else, so many times."""
        left = [times]

        def fault(request: web.Request) -> web.StreamResponse | None:
            if part not in unquote(str(request.rel_url)) or not left[0]:
                return None
            left[0] -= 1
            return answer()

        self.faults.append(fault)

    def reset_on(self, part: str, times: int) -> None:
        """Drops the connection of requests whose URL holds `part`, so many times."""
        left = [times]

        def fault(request: web.Request) -> web.StreamResponse | None:
            if part in unquote(str(request.rel_url)) and left[0]:
                left[0] -= 1
                assert request.transport is not None
                request.transport.abort()
            return None

        self.faults.append(fault)

    async def silence(self, request: web.Request) -> web.StreamResponse:
        """Takes the question and never answers."""
        await asyncio.sleep(3600)
        return web.Response()

    async def drip(self, request: web.Request) -> web.StreamResponse:
        """Answers without end, a byte at a time."""
        return await self._without_end(request, b" ", 0.02)

    async def flood(self, request: web.Request) -> web.StreamResponse:
        """Answers without end, as fast as it goes."""
        return await self._without_end(request, b" " * 65_536, 0.0)

    async def _without_end(self, request: web.Request, part: bytes, pause: float) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        while True:
            await answer.write(part)
            await asyncio.sleep(pause)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        is_sign_in = request.path.endswith("/oauth2/v2.0/token")
        self.hosts.add(request.host)
        if is_sign_in:
            self.sign_ins.append({"path": request.path, **await request.post()})
        else:
            self.asked.append(unquote(str(request.rel_url)))
        for fault in self.authority_faults if is_sign_in else self.faults:
            if (answer := fault(request)) is not None:
                return await answer if inspect.isawaitable(answer) else answer
        if is_sign_in:
            return self._token()
        version, _, path = request.path.lstrip("/").partition("/")
        if path == "$batch":
            return self._sent(200, await self._batch(version, await request.json(), request))
        status, body = self._found(version, f"/{path}", dict(request.query))
        if isinstance(body, int):
            return web.Response(text=f"\ufeff{body}", content_type="text/plain")
        return self._sent(status, body)

    def _sent(self, status: int, body: Json) -> web.Response:
        headers = {"x-ms-resource-unit": "1"}
        if self.simulated:
            headers["x-strongroom-simulated"] = "1"
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
        return web.Response(status=status, text=text, content_type="application/json", headers=headers)

    def _token(self) -> web.Response:
        return web.json_response(
            {"token_type": "Bearer", "expires_in": self.token_seconds, "access_token": self.access_token()}
        )

    def access_token(self) -> str:
        """Gives a new token with the roles."""
        self.tokens += 1
        payload: Json = {"roles": self.roles, "wids": self.directory_roles, "tid": TENANT_ID, "appid": CLIENT_ID}
        payload["n"] = self.tokens
        middle = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=").decode()
        return f"e30.{middle}.sig"

    async def _batch(self, version: str, body: Json, request: web.Request) -> Json:
        assert len(body["requests"]) <= 20
        responses = []
        for inner in body["requests"]:
            self.asked.append(unquote(inner["url"]))
            override = next((o for o in self.inner_faults if o[0] in unquote(inner["url"]) and o[2]), None)
            if override is not None:
                override[2] -= 1
                responses.append({"id": inner["id"], **override[1]})
                continue
            parts = urlsplit(inner["url"])
            status, found = self._found(version, unquote(parts.path), dict(parse_qsl(parts.query)))
            responses.append({"id": inner["id"], "status": status, "headers": {}, "body": found})
        return {"responses": list(reversed(responses))}

    inner_faults: list[list[Any]] = field(default_factory=list)

    def _found(self, version: str, path: str, query: dict[str, str]) -> tuple[int, Any]:
        if path in self.singles:
            return 200, {"@odata.context": f"{self.origin}/{version}/$metadata#x", **self.singles[path]}
        if path.removesuffix("/$count") in self.lists and path.endswith("/$count"):
            return 200, len(self.lists[path.removesuffix("/$count")])
        if path in self.lists:
            return self._listed(version, path, self.lists[path], query)
        if path in self.related:
            return self._listed(version, path, self._visible(version, path), query)
        parent, _, last = path.rpartition("/")
        if parent in self.lists:
            found = [item for item in self.lists[parent] if item["id"] == last]
            if found:
                return 200, self._shaped(version, parent, found[0], query)
        elif self._exists(parent):
            return 200, {"value": []}
        return 404, {"error": {"code": "Request_ResourceNotFound", "message": f"{path} does not exist"}}

    def _exists(self, path: str) -> bool:
        parent, _, last = path.rpartition("/")
        return any(item["id"] == last for item in self.lists.get(parent, []))

    def _visible(self, version: str, path: str) -> list[Any]:
        targets = self.related.get(path, [])
        if version == "beta":
            return targets
        hidden = "#microsoft.graph.servicePrincipal"
        return [target for target in targets if target is None or target.get("@odata.type") != hidden]

    def _listed(self, version: str, path: str, items: list[Json], query: dict[str, str]) -> tuple[int, Json]:
        if self.no_expansion and "$expand" in query:
            return 400, {"error": {"code": "Request_UnsupportedQuery", "message": "expand is not supported"}}
        at = int(query.get("$skiptoken", "0"))
        size = min(self.page_size, int(query.get("$top", "100")))
        body: Json = {
            "@odata.context": f"{self.origin}/{version}/$metadata#x",
            "value": [self._shaped(version, path, item, query) for item in items[at : at + size]],
        }
        if at + size < len(items):
            rest = "&".join(f"{k}={v}" for k, v in {**query, "$skiptoken": at + size}.items())
            body["@odata.nextLink"] = f"{self.origin}/{version}{path}?{rest}"
        return 200, body

    def _shaped(self, version: str, path: str, item: Json | None, query: dict[str, str]) -> Json | None:
        if item is None:
            return None
        wanted = query.get("$select", "").split(",") if "$select" in query else list(item)
        shaped = {name: item[name] for name in item if name in {*wanted, "id", "@odata.type"}}
        if "$expand" in query:
            name = query["$expand"].partition("(")[0]
            targets = self._visible(version, f"{path}/{item['id']}/{name}")
            if name == "manager":
                return {**shaped, name: targets[0]} if targets else shaped
            shaped[f"{name}@odata.context"] = f"{self.origin}/{version}/$metadata#x"
            shaped[name] = targets[:EXPAND_LIMIT]
        return shaped


def export_settings(**changes: Any) -> ExportSettings:
    """Gives the default export settings, changed."""
    return ExportSettings(**{"quota_share": 1.0, **changes})


def _certificate_in(folder: Path) -> Path:
    """Gives a PEM file with a key and a certificate for localhost that is its own authority."""
    path = folder / "small.pem"
    if path.exists():
        return path
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
