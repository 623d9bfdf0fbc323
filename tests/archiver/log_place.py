"""An archive of a small tenant that keeps logs, on this machine, with a clock that tests move.

The tenant answers `$filter` by time, `$orderby` and `$top`, shows an event only once it has arrived, and forgets it
after its days, as Graph does.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from archiver.founding import Founded, FoundingPlan, found
from archiver.run import archive_run
from archiver.run_result import RunResult
from config.loading import load_settings
from tests.archiver.place import SCRIPT
from tests.graph.small_tenant import CLIENT_ID, READ_ROLES, TENANT_ID, SmallTenant
from verify.archive import Archive
from verify.ceremony import Ceremony, Request
from verify.event_log import EventLog
from verify.identity import identities_of
from verify.key import fields_of
from verify.store import DirectoryReader
from verify.verdict import Verdict

Json = dict[str, Any]
DAY_ONE = datetime(2026, 3, 1, 2, 15, tzinfo=UTC)
TYPES = {
    "nonInteractiveUser": "nonInteractiveSignIns",
    "servicePrincipal": "servicePrincipalSignIns",
    "managedIdentity": "managedIdentitySignIns",
}
"""The streams of beta's sign-ins, by the type that `$filter` names."""
TIMES = {"directoryAudits": "activityDateTime", "provisioning": "activityDateTime"} | dict.fromkeys(
    ["signIns", *TYPES.values()], "createdDateTime"
)
_TYPE = re.compile(r"signInEventTypes/any\(t: t eq '(\w+)'\)")
_BOUND = re.compile(r"(\w+) (ge|le|gt|lt) (\S+)")


@dataclass
class Logs:
    """The tenant's logs: events by stream, each with the instant at which it arrived."""

    page: int = 3
    kept: timedelta = timedelta(days=30)
    now: datetime = DAY_ONE
    events: dict[str, list[tuple[datetime, Json]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    heeds_order: bool = True
    break_after: dict[str, int] = field(default_factory=dict)
    refusal: tuple[int, Json] | None = None
    refused: str = "/"
    spoil: Callable[[Json], Json] = lambda event: event

    def add(self, stream: str, id_: str, at: datetime, *, late: timedelta = timedelta(), **members: Any) -> None:
        """Something happens at `at`, and shows `late`r."""
        time = at.strftime("%Y-%m-%dT%H:%M:%S.%f") + "1Z"
        event = {"id": id_, TIMES[stream]: time, "activityDisplayName": f"what {id_} did", **members}
        self.events.setdefault(stream, []).append((at + late, event))

    def answer(self, request: web.Request) -> web.StreamResponse | None:
        """Answers a question about a log, and none other."""
        query = dict(request.query)
        stream = request.path.rpartition("/")[2]
        if request.path == "/beta/auditLogs/signIns":
            stream = TYPES[_TYPE.findall(query["$filter"])[0]]
        elif not request.path.startswith("/v1.0/auditLogs/"):
            return None
        if self.refusal and request.path.startswith(self.refused):
            return web.json_response(self.refusal[1], status=self.refusal[0])
        self.asked.append(f"{stream}: {query.get('$filter')}")
        time = TIMES[stream]
        there = [
            event
            for arrived, event in self.events.get(stream, [])
            if arrived <= self.now and self.now - datetime.fromisoformat(event[time]) <= self.kept
        ]
        for name, word, text in _BOUND.findall(query["$filter"]):
            bound = datetime.fromisoformat(text)
            keep = {"ge": bound.__le__, "le": bound.__ge__, "gt": bound.__lt__, "lt": bound.__gt__}[word]
            there = [event for event in there if keep(datetime.fromisoformat(event[name]))]
        newest_first = query.get("$orderby") != f"{time} asc" or not self.heeds_order
        there.sort(key=lambda event: str(event[time]), reverse=newest_first)
        return self._page(request, stream, there, query)

    def _page(self, request: web.Request, stream: str, there: list[Json], query: dict[str, str]) -> web.Response:
        at = int(query.get("$skiptoken", "0"))
        size = min(self.page, int(query["$top"]))
        if at // size >= self.break_after.get(stream, 1_000_000):
            return web.json_response(
                {"error": {"code": "UnknownError", "message": "it broke"}},
                status=400,
                headers={"x-strongroom-simulated": "1"},
            )
        body: Json = {"value": [self.spoil(dict(event)) for event in there[at : at + size]]}
        if at + size < len(there):
            rest = "&".join(f"{name}={value}" for name, value in {**query, "$skiptoken": at + size}.items())
            body["@odata.nextLink"] = f"{request.url.origin()}{request.path}?{rest}"
        return web.json_response(body, headers={"x-strongroom-simulated": "1"})


class LogPlace:
    """One archive of a tenant of three users and of `logs`."""

    def __init__(self, base: Path, tenant: SmallTenant, logs: Logs, settings: Json) -> None:
        self.logs = logs
        self.tenant = tenant
        self.archive = base / "archive"
        self.settings_file = base / "host" / "strongroom.toml"
        self.founded: Founded = found(
            FoundingPlan(base / "host", base / "offline", (), settings_of(tenant) | settings), lambda: DAY_ONE
        )
        self.identities = identities_of((base / "offline" / "identity.txt").read_bytes())
        secret = f'kind = "secret"\nsecret_file = "{base / "secret"}"'
        text = self.settings_file.read_text("utf-8").replace('kind = "certificate"', secret, 1)
        self.settings_file.write_text(re.sub(r"(?m)^certificate_file = .*$", "", text), "utf-8")

    @property
    def ledger(self) -> Path:
        """The ledger's folder."""
        return self.settings_file.parent / "state" / "ledger"

    def attempt(self, at: datetime) -> RunResult:
        """A run at that time, whatever comes of it."""
        self.logs.now = at
        return archive_run(load_settings(self.settings_file, {}), lambda: at)

    def run(self, at: datetime) -> Json:
        """A run at that time that is done."""
        result = self.attempt(at)
        assert result.error is None
        return result.document

    def killed_run(self, kill_at: int, at: datetime) -> subprocess.CompletedProcess[str]:
        """A run at that time in a process that kills itself at its change number `kill_at`, at none for 0."""
        self.logs.now = at
        return subprocess.run(
            [sys.executable, str(SCRIPT), str(self.settings_file), str(kill_at), at.isoformat()],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def opened(self) -> Archive:
        """The archive as a reader opens it."""
        return Archive.open(DirectoryReader(self.archive), self.founded.fingerprint)

    def log(self, now: datetime = DAY_ONE) -> EventLog:
        """The archive's events."""
        return EventLog(self.opened(), self.identities, now)

    def ids(self, stream: str = "directoryAudits") -> list[str]:
        """The ids of all events of a stream that are archived, each once, sorted."""
        return sorted(event.id for event in self.log().events(stream))

    def sealed(self, stream: str = "directoryAudits") -> list[str]:
        """The ids of all events of a stream in all bundles, sorted: one that was sealed twice stands twice."""
        archive, prefix = self.opened(), stream.encode() + b"\x00"
        return sorted(
            fields_of(key).id
            for statement in archive.events()
            for page in archive.open_events(statement, self.identities).pages()
            for key in page.keys
            if key.startswith(prefix)
        )

    def verdict(self, level: int = 1, *, snapshots: str = "all", now: datetime = DAY_ONE) -> Verdict:
        """The verdict over everything."""
        request = Request(self.founded.fingerprint, level, now, snapshots, self.identities)
        return Ceremony(DirectoryReader(self.archive), request).outcome().verdict


def settings_of(tenant: SmallTenant) -> Json:
    """What `init` is told about the small tenant."""
    made = tenant.settings()
    return {
        "tenant.id": TENANT_ID,
        "tenant.simulated": True,
        "tenant.graph_url": made.graph_url,
        "tenant.authority_url": made.authority_url,
        "tenant.ca_bundle_file": str(made.ca_bundle_file),
        "tenant.credential.client_id": CLIENT_ID,
        "export.collections": ["domains", "directoryAudits", "signIns"],
    }


@contextmanager
def log_place(base: Path, **settings: Any) -> Iterator[LogPlace]:
    """The place, with its tenant answering in a thread of its own."""
    logs = Logs()
    tenant = SmallTenant(base, roles=(*READ_ROLES, "AuditLog.Read.All"), faults=[logs.answer])
    tenant.lists["/domains"] = [{"id": "small.example", "isVerified": True}]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(tenant.__aenter__(), loop).result(10)
        yield LogPlace(base, tenant, logs, settings)
    finally:
        asyncio.run_coroutine_threadsafe(tenant.__aexit__(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
