"""Gathering: when Graph, or the login authority, falls silent in mid-run, the run ends within a bound.

The bounds here are the product's, shortened to tenths of a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from archiver.gathering.gathered import Gathered
from archiver.graph.catalogue import load_catalogue
from archiver.graph.client import Limits
from archiver.graph.errors import GraphUnreachableError
from archiver.graph.patience import Patience
from tests.archiver.gather_kit import error_answer, gathered_from, reasons_of, user_targets, with_group, with_users
from tests.graph.memory_sink import MemorySink
from tests.graph.small_tenant import Fault, SmallTenant

SHORT = Patience(
    attempts=4,
    first_wait_seconds=0.05,
    longest_wait_seconds=0.1,
    deadline_seconds=20,
    silence_seconds=0.6,
    probe_seconds=0.3,
)
LIMITS = Limits(connect_seconds=0.5, read_seconds=0.3, request_seconds=0.8)
BOUND_SECONDS = 6.0
"""Silence, probe, a request for each of a list's passes, and a slow machine."""
COLLECTIONS = ["users", "groups", "administrativeUnits", "domains"]


def aborted(request: web.Request) -> web.StreamResponse | None:
    """What a client sees of a server that is killed, or gone from the network."""
    assert request.transport is not None
    request.transport.abort()
    return None


PREPARATION = 6
"""Questions before the first list: the tenant, two about recoveries, and a link for each list with a change query."""

FALLS_SILENT: dict[str, Callable[[SmallTenant], Fault]] = {
    "killed": lambda tenant: aborted,
    "accepts and never answers": lambda tenant: tenant.silence,
    "a byte at a time": lambda tenant: tenant.drip,
}


def silent_after(questions: int, fault_of: Callable[[SmallTenant], Fault]) -> Callable[[SmallTenant], None]:
    """Fills a tenant that answers so many questions and then no more."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(500)(tenant)
        with_group(*user_targets(250))(tenant)
        tenant.lists["/domains"] = [{"id": "contoso.com"}]
        tenant.lists["/directory/administrativeUnits"] = [{"id": f"au{n}"} for n in range(50)]
        fault = fault_of(tenant)
        tenant.faults.append(lambda request: fault(request) if len(tenant.asked) > questions else None)

    return prepare


def timed(
    folder: Path, prepare: Callable[[SmallTenant], None], collections: list[str]
) -> tuple[Gathered, MemorySink, SmallTenant]:
    """Gathers, and fails if it takes longer than the bound."""
    began = time.monotonic()
    result = gathered_from(folder, collections, prepare, patience=SHORT, limits=LIMITS)
    assert time.monotonic() - began < BOUND_SECONDS
    return result


@pytest.mark.parametrize("kind", FALLS_SILENT)
def test_a_graph_that_falls_silent_in_mid_run_ends_it_with_what_was_read(tmp_path: Path, kind: str) -> None:
    """Asked on one by one, each of some hundred reads would take all of its patience."""
    gathered, sink, _ = timed(tmp_path, silent_after(PREPARATION + 4, FALLS_SILENT[kind]), COLLECTIONS)
    assert {gap.reason for gap in gathered.gaps} == {"unreachable"}
    assert any("Graph is given up" in gap.detail for gap in gathered.gaps)
    rows = {row.collection for row in load_catalogue().chosen(COLLECTIONS)}
    assert set(gathered.complete) | {gap.collection for gap in gathered.gaps} == rows
    assert len(sink.lines()) > 0


@pytest.mark.parametrize("kind", FALLS_SILENT)
def test_a_graph_that_is_silent_from_the_start_is_an_error_within_the_bound(tmp_path: Path, kind: str) -> None:
    """Nothing was read, so there is nothing to seal."""
    with pytest.raises(GraphUnreachableError):
        timed(tmp_path, silent_after(0, FALLS_SILENT[kind]), COLLECTIONS)


@pytest.mark.parametrize("kind", FALLS_SILENT)
def test_one_collection_that_falls_silent_is_a_gap_and_the_rest_is_whole(tmp_path: Path, kind: str) -> None:
    """A proxy that holds back one answer must not cost the snapshot."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(500)(tenant)
        fault = FALLS_SILENT[kind](tenant)
        tenant.faults.append(lambda request: fault(request) if request.path.endswith("/domains") else None)

    gathered, sink, _ = timed(tmp_path, prepare, ["users", "domains"])
    assert reasons_of(gathered) == [("domains", None, None, "unreachable")]
    assert "given up" not in gathered.gaps[0].detail
    assert len(sink.values("users")) == 500


def test_a_login_authority_that_dies_in_mid_run_ends_it_with_what_was_read(tmp_path: Path) -> None:
    """Graph is there and says 401; without a new token nobody gets an answer."""

    def prepare(tenant: SmallTenant) -> None:
        silent_after(10_000, lambda tenant: aborted)(tenant)
        expired = error_answer(401, "InvalidAuthenticationToken")
        tenant.faults.append(lambda _: expired() if len(tenant.asked) > 6 else None)
        tenant.authority_faults.append(lambda request: aborted(request) if tenant.tokens else None)

    gathered, _, _ = timed(tmp_path, prepare, COLLECTIONS)
    assert {gap.reason for gap in gathered.gaps} == {"unreachable"}
    assert any("the login authority can't be reached" in gap.detail for gap in gathered.gaps)


def test_a_wait_beyond_patience_is_a_gap_for_all_who_would_have_to_wait(tmp_path: Path) -> None:
    """One answer that asks for a day must not hold the run for one, nor what another quota gives."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        tenant.lists["/groups"] = [{"id": "g0"}]
        tenant.singles["/policies/authenticationFlowsPolicy"] = {"id": "authenticationFlowsPolicy"}
        tenant.on("/groups?", error_answer(429, **{"Retry-After": "86400"}), times=1)

    gathered, sink, _ = timed(tmp_path, prepare, ["users", "groups", "authenticationFlowsPolicy"])
    assert {gap.reason for gap in gathered.gaps} == {"throttled-out"}
    assert {gap.collection for gap in gathered.gaps} >= {"groups"}
    assert "authenticationFlowsPolicy" in sink.values("authenticationFlowsPolicy")


def test_a_throttled_bucket_is_no_silence(tmp_path: Path) -> None:
    """Graph asked for the wait; what is reset right after it is one fault like any other."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        tenant.on("/users", error_answer(429, **{"Retry-After": "1"}), times=1)
        tenant.reset_on("/users", times=1)

    gathered, _, tenant = timed(tmp_path, prepare, ["users"])
    assert gathered.gaps == ()
    assert not [url for url in tenant.asked[1:] if "/organization" in url], "nobody had to ask whether it is there"
