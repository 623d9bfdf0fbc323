"""Whole runs against a Graph that breaks requests: what passes leaves no trace, what stays is a named gap."""

from __future__ import annotations

import filecmp
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.graph.catalogue import load_catalogue
from archiver.graph.patience import Patience
from archiver.graph.permission import permissions_of
from archiver.run_result import RunResult
from recovery.plain_export import export
from recovery.rehearsal.graph.faults import FAULTS
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from tests.archiver.fault_plan import PATIENT, SHARE, every_fault
from tests.archiver.place import Place

ROLES = permissions_of(load_catalogue().chosen(["all"]))
HASTY = Patience(attempts=3, first_wait_seconds=0.01, longest_wait_seconds=0.02, deadline_seconds=20)
FOR_EVER = 1_000_000


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTenant]:
    """A tenant whose users, and relations of whose groups, take two pages."""
    with simulated_tenant(tmp_path_factory.mktemp("tenant"), users=1100, roles=ROLES) as running:
        yield running


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An archive of a tenant of 60 users that has one whole snapshot."""
    base = tmp_path_factory.mktemp("small")
    with simulated_tenant(base / "tenant", users=60, roles=ROLES) as running:
        place = Place(base, running)
        place.run()
        yield place


def foul_run(place: Place, plan: dict[str, Any], patience: Patience) -> tuple[RunResult, Counter[str], int]:
    """A run under the plan; also how often each kind of fault happened, and how many requests there were."""
    before = place.tenant.stats()
    place.tenant.set_faults(plan)
    try:
        result = place.attempt(patience=patience)
    finally:
        place.tenant.set_faults(None)
    after = place.tenant.stats()
    faults = Counter(after["faults"]) - Counter(before["faults"])
    return result, faults, after["graph_requests"] - before["graph_requests"]


def exported(place: Place, sequence: int, folder: Path) -> Path:
    """What `export --format jsonl` writes of a snapshot."""
    archive = place.opened()
    return export(archive.open_snapshot(archive.manifest(sequence), place.identities), folder, "jsonl").folder


def names_that_differ(one: Path, other: Path) -> set[str]:
    """The files that are in one folder alone, or whose bytes differ."""
    names = {path.name for folder in (one, other) for path in folder.iterdir()}
    _, differ, missing = filecmp.cmpfiles(one, other, names, shallow=False)
    return {*differ, *missing}


def root_of(place: Place) -> str:
    """The state of its first snapshot, which a calm day gave."""
    return place.opened().manifest(1).state_root.hex()


def require_every_fault(place: Place, plan: dict[str, Any]) -> RunResult:
    """A run under the plan, in which every kind of fault must happen and none may show."""
    result, faults, requests = foul_run(place, plan, PATIENT)
    assert set(faults) == FAULTS
    assert faults.total() >= SHARE * requests
    assert result.document["throttled"] >= 2, "one of them inside a batch"
    assert (result.exit_status, result.document["gaps"], result.document["alarms"]) == (0, [], [])
    return result


@pytest.mark.slow
def test_two_archives_of_one_tenant_export_the_same_files_in_fair_weather_and_in_foul(
    tenant: RunningTenant, tmp_path: Path
) -> None:
    """Whoever compares them must see the tenant, and never the network."""
    calm, foul = Place(tmp_path / "calm", tenant), Place(tmp_path / "foul", tenant)
    root = calm.run()["state_root"]
    assert require_every_fault(calm, every_fault(1)).document["state_root"] == root
    assert require_every_fault(foul, every_fault(2, None)).document["state_root"] != root, "salts are an archive's own"
    assert names_that_differ(exported(calm, 1, tmp_path / "fair"), exported(foul, 1, tmp_path / "bad")) == set()
    assert calm.verdict(1) == foul.verdict(1) == "PASS"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 5])
def test_a_run_under_faults_of_every_kind_has_the_state_root_of_a_calm_run(small: Place, seed: int) -> None:
    """In one epoch the same records are the same tree, so that a delta of a bad night holds nothing."""
    document = require_every_fault(small, every_fault(seed)).document
    assert document["state_root"] == root_of(small)
    assert {(one["added"], one["changed"], one["removed"]) for one in document["collections"].values()} == {(0, 0, 0)}


_POLICIES = "conditionalAccessPolicies"
_BELOW_DOMAINS = {row.collection for row in load_catalogue().chosen(["all"]) if row.parent == "domains"}
BROKEN = {
    "503": ("GET /v1.0/identity/conditionalAccess/policies", "server-error", {_POLICIES}),
    "truncate": ("GET /v1.0/identity/conditionalAccess/policies", "malformed-page", {_POLICIES}),
    "reset": (r"GET /v1.0/domains", "unreachable", {"domains", *_BELOW_DOMAINS}),
    "504": (r"/groups/[^/]+/members|expand=members", "server-error", {"groups.members"}),
}
"""What is broken for ever, by the fault: the requests, the reason of the gaps, and what they are gaps of."""


@pytest.mark.parametrize("fault", BROKEN)
def test_what_stays_broken_is_a_named_gap_and_the_rest_is_sealed_whole(
    small: Place, tmp_path: Path, fault: str
) -> None:
    """The operator hears of it, everything else is there to the byte, and the next run has it again."""
    match, reason, broken = BROKEN[fault]
    plan = {"rules": [{"match": match, "fault": fault, "times": FOR_EVER}], "retry_after_seconds": None}
    result, _, _ = foul_run(small, plan, HASTY)
    gaps = result.document["gaps"]
    assert result.exit_status == 3
    assert {alarm["subject"] for alarm in result.document["alarms"]} >= {name.partition(".")[0] for name in broken}
    assert {".".join(filter(None, (gap["collection"], gap["relation"]))) for gap in gaps} == broken
    assert {gap["reason"] for gap in gaps} == {reason}
    partly = exported(small, result.document["sequence"], tmp_path / "partly")
    whole = exported(small, 1, tmp_path / "whole")
    assert names_that_differ(whole, partly) <= {f"{name}.jsonl" for name in broken}
    assert f"{min(broken)}.jsonl" not in {path.name for path in partly.iterdir()}
    after = small.run()
    assert after["gaps"] == after["alarms"] == []
    assert after["state_root"] == root_of(small)
    assert small.verdict(1) == "PASS"
