"""Gathering a whole tenant from the simulated one, in fair weather, in foul, and while it changes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Literal

import msgspec
import pytest

from archiver.gathering.gathered import Gathered
from archiver.graph.catalogue import load_catalogue
from archiver.graph.patience import Patience
from archiver.graph.permission import permissions_of
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from tests.archiver.simulated_reading import read_simulated
from tests.graph.memory_sink import MemorySink

USERS = 250
QUICK = Patience(attempts=8, first_wait_seconds=0.02, longest_wait_seconds=0.1, deadline_seconds=120)
ROWS = tuple(row for row in load_catalogue().chosen(["all"]) if row.kind != "events")
"""Logs are read beside these, by `archiver.events`."""
ROLES = permissions_of(ROWS)
EXTENSIONS = [row.collection for row in ROWS if row.extensions_of is not msgspec.UNSET]
EMPTY = {
    "applicationDirectoryExtensions",
    "deletedNamedLocations",
    "joinRequest",
    "organizationDirectoryExtensions",
}
"""Collections of which the simulated tenant has no object on its first day."""


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTenant]:
    with simulated_tenant(tmp_path_factory.mktemp("tenant"), users=USERS, roles=ROLES) as running:
        yield running


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTenant]:
    """A tenant whose users take two pages."""
    with simulated_tenant(tmp_path_factory.mktemp("paged"), users=1100, roles=ROLES) as running:
        yield running


def _read(tenant: RunningTenant, kind: Literal["certificate", "secret"] = "certificate") -> tuple[Gathered, MemorySink]:
    return read_simulated(tenant, ROWS, QUICK, kind)


def test_everything_is_read_without_a_gap(tenant: RunningTenant) -> None:
    """With the permissions that `init` names and not one more."""
    gathered, sink = _read(tenant)
    assert gathered.gaps == ()
    assert gathered.simulated is True
    assert gathered.tenant_id == tenant.tenant_id
    assert gathered.complete == tuple(row.collection for row in ROWS)
    assert gathered.counts["users"] == len(sink.values("users")) == USERS
    assert all(not note.counted or note.read == note.counted for note in gathered.completeness)


def test_every_collection_has_records(tenant: RunningTenant) -> None:
    """What is never there is never tried: a shape that came out empty would go unnoticed."""
    gathered, sink = _read(tenant)
    assert {collection for collection, count in gathered.counts.items() if not count} == EMPTY
    kept = {(line["collection"], line.get("relation")) for line in map(json.loads, sink.lines())}
    wanted = {(row.collection, relation.name) for row in ROWS for relation in row.relations}
    assert wanted | {(row.collection, None) for row in ROWS if row.collection not in EMPTY} == kept


def test_streams_are_kept_as_bytes(tenant: RunningTenant) -> None:
    """Logos of applications and of the sign-in page."""
    lines = [line for line in map(json.loads, _read(tenant)[1].lines()) if "stream" in line]
    assert {line["collection"] for line in lines} == {"applications", "brandingLocalizations"}
    assert {line["type"] for line in lines} == {"image/png", "text/css"}
    assert all(base64.b64decode(line["value"]) for line in lines)


def test_a_secret_gives_the_same_lines_as_a_certificate(tenant: RunningTenant) -> None:
    """How one signs in must not show in what is archived."""
    assert _read(tenant, "secret")[1].lines() == _read(tenant)[1].lines()


def test_faults_that_pass_leave_the_same_lines(tenant: RunningTenant) -> None:
    """One unchanged tenant read in fair weather and in foul gives the same leaves."""
    fair = _read(tenant)[1].lines()
    tenant.set_faults(
        "429:0.02,503:0.03,504:0.03,500:0.02,reset:0.03,cut:0.03,truncate:0.03,empty:0.03,html:0.02,"
        "expired-link:0.02,seed=5"
    )
    try:
        gathered, sink = _read(tenant)
    finally:
        tenant.set_faults(None)
    assert gathered.gaps == ()
    assert sink.lines() == fair


def test_service_principals_and_the_largest_group_are_whole(tenant: RunningTenant) -> None:
    """The two things that a hasty exporter loses."""
    _, sink = _read(tenant)
    members = sink.values("groups", "members")
    kinds = {target["@odata.type"] for targets in members.values() for target in targets}
    assert "#microsoft.graph.servicePrincipal" in kinds
    everybody = max(members.values(), key=len)
    assert len(everybody) >= USERS * 0.9
    assert {target["id"] for target in everybody} <= set(sink.values("users"))


def test_a_missing_permission_is_a_gap_for_what_it_costs(tenant: RunningTenant) -> None:
    """And for nothing else."""
    tenant.set_roles([role for role in ROLES if role not in ("Domain.Read.All", "Directory.Read.All")])
    try:
        gathered, _ = _read(tenant)
    finally:
        tenant.set_roles(list(ROLES))
    assert {(gap.collection, gap.relation, gap.reason) for gap in gathered.gaps} == {
        *((name, None, "forbidden") for name in EXTENSIONS),
        ("domains", None, "forbidden"),
        ("federationConfiguration", None, "forbidden"),
        ("groupLifecyclePolicies", None, "forbidden"),
        ("oauth2PermissionGrants", None, "forbidden"),
        ("serviceConfigurationRecords", None, "forbidden"),
        ("verificationDnsRecords", None, "forbidden"),
    }


def test_tokens_that_expire_while_reading_are_replaced(tenant: RunningTenant) -> None:
    """A large tenant takes longer than an hour."""
    tenant.set_token_lifetime(5)
    try:
        gathered, _ = _read(tenant)
    finally:
        tenant.set_token_lifetime(3600)
    assert gathered.gaps == ()


def test_a_foreign_link_that_stays_is_a_gap(paged: RunningTenant) -> None:
    """The other host never hears from us, and nobody takes the first page for the list."""
    rule = {"match": r"GET /v1.0/users\?.*displayName", "fault": "foreign-link", "times": 1000}
    paged.set_faults({"rules": [rule]})
    try:
        gathered, sink = _read(paged)
    finally:
        paged.set_faults(None)
    assert ("users", None, "foreign-link") in {(*gap[:2], gap.reason) for gap in gathered.gaps}
    assert len(sink.values("users")) == 999


def test_nobody_is_lost_who_was_there_all_the_time(paged: RunningTenant) -> None:
    """People join and leave while pages turn; whoever stayed must be in the snapshot, with a manager."""
    before = _read(paged)[1].values("users")
    paged.set_churn([{"match": "GET /v1.0/users", "every": 1, "times": 6, "add": 2, "delete": 2}])
    gathered, sink = _read(paged)
    after = _read(paged)[1]
    stayed = set(before) & set(after.values("users"))
    assert stayed <= set(sink.values("users"))
    assert len(stayed) < len(before)
    changed = {gap.id for gap in gathered.gaps}
    assert {gap.reason for gap in gathered.gaps} <= {"not-found"}
    assert changed.isdisjoint(stayed)
    managers = after.values("users", "manager")
    assert stayed & set(managers) <= set(sink.values("users", "manager"))
    assert set(sink.values("users", "manager")) <= set(sink.values("users")) | changed
