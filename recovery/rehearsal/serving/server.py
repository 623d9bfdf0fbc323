"""The simulated tenant on HTTPS: the login authority, Graph and, for this machine only, the controls under /_sim."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
import socket
import ssl
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from archiver.graph.simulation import SIMULATED_HEADER, SIMULATED_VALUE
from recovery.rehearsal.errors import RehearsalError
from recovery.rehearsal.graph.faults import STATUS_FAULTS
from recovery.rehearsal.graph.graph import Request, Response, json_of
from recovery.rehearsal.graph.refusal import Refusal, unknown_path
from recovery.rehearsal.serving.certificates import Certificates, certificates_in, write_private
from recovery.rehearsal.serving.folder_lock import FolderLock
from recovery.rehearsal.serving.options import Options
from recovery.rehearsal.serving.service import Service

SECRET_FILE = "client-secret.txt"
"""Stays in the folder when the tenant stops."""

LARGEST_REQUEST_BYTES = 8 * 1024 * 1024
"""Body of a request: an attack script of 10,000 operations is about 2 MB."""

LONGEST_LINE_BYTES = 32 * 1024
"""Request line and header line; a query of LONGEST_QUERY_CHARACTERS fits."""

SMALLEST_COMPRESSED_BYTES = 1024
THREADED_BYTES = 64 * 1024
"""From this size on a body is compressed beside the event loop."""

GZIP_LEVEL = 1
GZIP_WINDOW = 31
"""zlib's window bits for the gzip format."""

STREAM_TYPES = ("image/", "text/css")
"""Of these `truncate` leaves the whole: half a picture in a well-formed answer is one that no client can tell."""

LOOPBACK = frozenset(("127.0.0.1", "::1", "::ffff:127.0.0.1"))

_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:]{2,39}\](:\d{1,5})?")
_GRAPH = re.compile(r"/(?P<version>v1\.0|beta)/(?P<path>.*)")
_TOKEN = re.compile(r"/(?P<tenant>[^/]+)/oauth2/v2\.0/token")
_DISCOVERY = re.compile(r"/(?P<tenant>[^/]+)(?:/v2\.0)?/\.well-known/openid-configuration")
_KEYS = re.compile(r"/[^/]+/discovery/v2\.0/keys")
_HTML = b"<html><body>Proxy authentication required by fault plan</body></html>"


def _require_free(options: Options) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((options.host, options.port))


class Server:
    """Serves one simulated tenant. Certificates and the client's secret are written into `directory`; `lock` holds it.

    Raises, when made: OSError when the port is taken, before anything of another server's folder is written over.
    """

    def __init__(self, directory: Path, options: Options, lock: FolderLock) -> None:
        _require_free(options)
        self.lock = lock
        self.options = options
        self.directory = directory.resolve()
        self.files: Certificates = certificates_in(self.directory)
        self.service = Service(options, self.files.client)
        self.secret_file = self.directory / SECRET_FILE
        write_private(self.secret_file, f"{self.service.secret}\n".encode())
        self._runner: web.AppRunner | None = None
        self.port = options.port

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    async def start(self) -> None:
        """Begins to listen; `port` is then the real one."""
        app = web.Application(client_max_size=LARGEST_REQUEST_BYTES)
        app.router.add_route("*", "/{path:.*}", self._handle)
        app.on_response_prepare.append(_mark)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.files.server_file)
        self._runner = web.AppRunner(app, access_log=None, max_line_size=LONGEST_LINE_BYTES)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.options.host, self.options.port, ssl_context=context)
        try:
            await site.start()
        except OSError:
            await self.stop()
            raise
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stops listening and closes what is open."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def details(self) -> dict[str, Any]:
        """What a client and a test need to know, paths absolute; holds the control token, so keep it private."""
        return {
            "graph_url": self.origin,
            "authority_url": self.origin,
            "tenant_id": self.service.tenant.id,
            "client_id": self.service.tenant.client_id,
            "secret_file": str(self.secret_file),
            "certificate_file": str(self.files.client_file),
            "ca_bundle_file": str(self.files.ca_bundle_file),
            "control_token": self.service.control_token,
        }

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.service.tally.requests += 1
        path = request.rel_url.raw_path
        origin = f"https://{request.host}"
        if not _HOST.fullmatch(request.host):
            return await self._send(request, _refused(Refusal(400, "BadRequest", "Invalid Host header.")))
        if path.startswith("/_sim/"):
            return await self._control(request, path.removeprefix("/_sim/"))
        if self.service.adjustments.latency_ms:
            await asyncio.sleep(self.service.adjustments.latency_ms / 1000)
        matched = _GRAPH.fullmatch(path)
        if matched:
            return await self._graph(request, matched["version"], matched["path"], origin)
        return await self._authority(request, path, origin)

    async def _graph(self, request: web.Request, version: str, path: str, origin: str) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read() if request.method == "POST" else b""
        asked = Request(request.method, version, path, request.rel_url.raw_query_string, headers, origin, body)
        fault = self.service.graph.faults.next(asked.line)
        if fault is not None:
            self.service.tally.faults[fault] += 1
        if fault == "reset":
            return _reset(request)
        if fault == "slow":
            await asyncio.sleep(self.service.graph.faults.plan.slow_seconds)
        try:
            roles = self.service.tokens.roles_of(headers.get("authorization"))
            if path.strip("/").lower() == "$batch" and request.method == "POST" and fault not in STATUS_FAULTS:
                response = self.service.batch.respond(asked, body, roles)
            else:
                response = self.service.graph.respond(asked, roles, fault)
        except Refusal as refusal:
            self.service.tally.statuses[str(refusal.status)] += 1
            response = _refused(refusal)
        return await self._send(request, _spoilt(response, fault), cut=fault == "cut")

    async def _authority(self, request: web.Request, path: str, origin: str) -> web.StreamResponse:
        fault = self.service.graph.faults.next(f"{request.method} {path}", rated=False)
        if fault == "reset":
            return _reset(request)
        if fault is not None and fault.isdigit():
            return await self._send(request, Response(int(fault), {"Content-Type": "application/json"}, b"{}"))
        token, discovery = _TOKEN.fullmatch(path), _DISCOVERY.fullmatch(path)
        if token and request.method == "POST":
            self.service.tally.tokens += 1
            body = await request.read()
            form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            reply = self.service.authority.token(token["tenant"], form, origin)
        elif discovery and request.method == "GET":
            reply = self.service.authority.discovery(discovery["tenant"], origin)
        elif _KEYS.fullmatch(path) and request.method == "GET":
            reply = self.service.authority.keys()
        else:
            return await self._send(request, _refused(unknown_path(path)))
        headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}
        return await self._send(request, Response(reply.status, headers, json.dumps(reply.body).encode()))

    async def _control(self, request: web.Request, command: str) -> web.StreamResponse:
        if request.remote not in LOOPBACK:
            return await self._send(request, _refused(unknown_path("_sim")))
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self.service.control_token.encode()):
            return await self._send(request, _refused(Refusal(401, "Unauthorized", "The control token is needed.")))
        try:
            if request.method == "GET":
                result = self.service.report(command)
            else:
                body = await request.read()
                result = self.service.control(command, json_of(body) if body else {})
        except RehearsalError as error:
            return await self._send(request, _refused(Refusal(400, type(error).__name__, error.message)))
        except Refusal as refusal:
            return await self._send(request, _refused(refusal))
        return await self._send(
            request, Response(200, {"Content-Type": "application/json"}, json.dumps(result).encode())
        )

    async def _send(self, request: web.Request, response: Response, *, cut: bool = False) -> web.StreamResponse:
        body, headers = response.body, dict(response.headers)
        self.service.tally.body_bytes += len(body)
        if len(body) >= SMALLEST_COMPRESSED_BYTES and "gzip" in request.headers.get("Accept-Encoding", ""):
            body = await asyncio.to_thread(_gzip, body) if len(body) >= THREADED_BYTES else _gzip(body)
            headers["Content-Encoding"] = "gzip"
        self.service.tally.wire_bytes += len(body)
        if not cut:
            return web.Response(status=response.status, headers=headers, body=body)
        stream = web.StreamResponse(status=response.status, headers=headers)
        stream.content_length = len(body)
        await stream.prepare(request)
        await stream.write(body[: len(body) // 2])
        return _reset(request)


async def _mark(request: web.Request, response: web.StreamResponse) -> None:
    response.headers[SIMULATED_HEADER] = SIMULATED_VALUE
    response.headers["Server"] = "strongroom-simulated-tenant"


def _reset(request: web.Request) -> web.Response:
    """Drops the connection; the response that is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)


def _spoilt(response: Response, fault: str | None) -> Response:
    if fault == "truncate" and not response.headers.get("Content-Type", "").startswith(STREAM_TYPES):
        return response._replace(body=response.body[: len(response.body) // 2])
    if fault == "empty":
        return response._replace(body=b"")
    if fault == "html":
        return Response(200, {"Content-Type": "text/html"}, _HTML)
    return response


def _refused(refusal: Refusal) -> Response:
    headers = {**refusal.headers, "Content-Type": "application/json"}
    body = {"error": {"code": refusal.code, "message": refusal.message}}
    return Response(refusal.status, headers, json.dumps(body).encode())


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_WINDOW)
    return packer.compress(body) + packer.flush()
