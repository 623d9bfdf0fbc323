"""Pulses of a simulated tenant: however it is read, one tenant has one state."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.graph.catalogue import load_catalogue
from archiver.graph.permission import permissions_of
from recovery.rehearsal.serving.process import simulated_tenant
from tests.archiver.fault_plan import PATIENT, every_fault
from tests.archiver.place import Place

ROLES = (*permissions_of(load_catalogue().chosen(["all"])), "AuditLog.Read.All")
TOLD = [row.collection for row in load_catalogue().chosen(["all"]) if row.delta is not None]
USERS = 300


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """An archive with the full of a tenant's first day."""
    with simulated_tenant(tmp_path / "tenant", users=USERS, roles=ROLES) as tenant:
        tenant.set_deltas(page=40, links=60, reset="resync")
        place = Place(tmp_path, tenant)
        place.run()
        yield place


def changes_of(run: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    """What a run added, changed and removed against the full, where it did."""
    changes = {
        name: (counts["added"], counts["changed"], counts["removed"]) for name, counts in run["collections"].items()
    }
    return {name: counts for name, counts in changes.items() if any(counts)}


def require_equal(pulse: dict[str, Any], whole: dict[str, Any]) -> None:
    """One tenant, read in two ways in one epoch: the same leaves, counts and differences."""
    assert changes_of(pulse) == changes_of(whole)
    assert (pulse["state_root"], pulse["state_count"]) == (whole["state_root"], whole["state_count"])
    assert pulse["collections"] == whole["collections"]


def test_full_pulse_and_delta_readings_of_one_tenant_have_the_same_leaves(place: Place) -> None:
    """An unchanged tenant, read in three ways."""
    full = place.opened().manifest(1)
    pulse = place.run(pulse=True)
    text = place.settings_file.read_text()
    place.settings_file.write_text(text.replace('#read = "full"', 'read = "delta"'))
    delta = place.run()
    place.settings_file.write_text(text)
    whole = place.run()
    assert pulse["read"] == delta["read"] == "delta" and whole["read"] == "full"
    assert pulse["read_by_changes"] == delta["read_by_changes"] == sorted(TOLD)
    assert {run["state_root"] for run in (pulse, delta, whole)} == {full.state_root.hex()}
    assert changes_of(pulse) == {} and pulse["gaps"] == [] and pulse["why_read_whole"] == {}
    assert pulse["requests"] < whole["requests"]
    assert place.verdict(1) in ("PASS", "INCOMPLETE")


def test_another_logo_is_read_again_and_no_other(place: Place) -> None:
    """Its address changes with it; logos are asked for one by one, and there is one for every second application."""
    before = place.tenant.stats()["path_classes"]
    address = {"logoUrl": "https://images.simulated.example/appbranding/other/bannerlogo?ts=1"}
    change = {"op": "set", "collection": "applications", "attribute": "info", "value": address}
    place.tenant.attack([{**change, "where": "signInAudience eq 'AzureADMyOrg'", "limit": 1}])
    pulse = place.run(pulse=True)
    asked = place.tenant.stats()["path_classes"]
    assert asked["v1.0 applications/{id}/logo"] - before["v1.0 applications/{id}/logo"] == 1
    whole = place.run()
    require_equal(pulse, whole)
    assert changes_of(pulse)["applications"] in ((0, 2, 0), (1, 1, 0))


def test_what_an_attack_did_is_in_the_pulse(place: Place) -> None:
    """Deletions, soft and hard, new members, credentials, grants and policies: a pulse is a snapshot of the tenant."""
    place.tenant.attack("two-changes-and-an-attack")
    pulse = place.run(pulse=True)
    whole = place.run()
    assert pulse["read"] == "delta"
    require_equal(pulse, whole)
    assert {"users", "groups", "deletedUsers"} <= set(changes_of(pulse))
    assert place.verdict(1) in ("PASS", "INCOMPLETE")


def test_days_of_ordinary_change_are_told_from_the_full_on(place: Place) -> None:
    """The answer is cumulative, as the delta is: a pulse that never happened is missed by nobody."""
    for _ in range(3):
        place.tenant.advance(1)
    first = place.run(pulse=True)
    place.tenant.advance(1)
    second = place.run(pulse=True)
    whole = place.run()
    assert first["read"] == second["read"] == "delta"
    assert first["state_root"] != second["state_root"]
    require_equal(second, whole)


@pytest.mark.parametrize("style", ["sync-state-not-found", "resync", "delta-link-too-old"])
def test_a_link_that_is_refused_costs_a_reading_of_its_collection(place: Place, style: str) -> None:
    """Graph refuses links in three ways; the others are still read by what changed.

    Grants are listed where users left: they may name one of them.
    """
    place.tenant.attack("two-changes-and-an-attack")
    place.tenant.reset_deltas(style, collection="groups")
    pulse = place.run(pulse=True)
    whole = {"groups", "oauth2PermissionGrants"}
    assert set(pulse["why_read_whole"]) == whole
    assert pulse["read_by_changes"] == sorted(set(TOLD) - whole)
    require_equal(pulse, place.run())


def test_links_that_are_too_old_lead_to_a_reading_of_everything(place: Place) -> None:
    """After seven days nothing is told any more, and nothing is missed."""
    place.tenant.advance(8)
    pulse = place.run(pulse=True)
    assert pulse["read"] == "full" and set(pulse["why_read_whole"]) == set(TOLD)
    require_equal(pulse, place.run())


def test_microsofts_own_recovery_leads_to_a_reading_of_everything(place: Place) -> None:
    """It leaves no trace in the change queries: believed, they would carry the attack on for a week."""
    place.tenant.attack("two-changes-and-an-attack")
    attacked = place.run(pulse=True)
    assert place.tenant.recover()
    place.tenant.advance_minutes(20)
    pulse = place.run(pulse=True)
    assert pulse["read"] == "full"
    assert all("recovery changed the tenant" in why for why in pulse["why_read_whole"].values())
    assert pulse["state_root"] != attacked["state_root"]
    require_equal(pulse, place.run())
    place.run(full=True)
    again = place.run(pulse=True)
    assert again["read"] == "delta" and again["why_read_whole"] == {}


def test_a_change_that_is_worth_a_full_is_read_whole(place: Place) -> None:
    """What changed is more than a quarter of the full: a full is sealed, of everything, in the same run."""
    operation = {"op": "set", "collection": "users", "attribute": "jobTitle", "where": "accountEnabled eq true"}
    place.tenant.attack([{**operation, "limit": USERS, "value": secrets.token_hex(300)}])
    run = place.run(pulse=True)
    assert run["kind"] == "full" and run["read"] == "full"
    assert "a full has to be sealed: the delta would exceed" in run["why_read_full"]
    whole = place.run()
    assert whole["kind"] == "delta" and changes_of(whole) == {}
    assert place.run(pulse=True)["read"] == "delta"


def test_a_pulse_under_faults_is_the_pulse_of_a_calm_day(place: Place) -> None:
    """Every kind of fault, in five of a hundred requests."""
    place.tenant.attack("two-changes-and-an-attack")
    calm = place.run(pulse=True)
    place.tenant.set_faults(every_fault(7))
    try:
        foul = place.attempt(pulse=True, patience=PATIENT).document
    finally:
        place.tenant.set_faults(None)
    require_equal(foul, calm)


def test_a_pulse_before_any_full_is_a_full(tmp_path: Path) -> None:
    """Who begins with a pulse gets an archive all the same."""
    with simulated_tenant(tmp_path / "tenant", users=40, roles=ROLES) as tenant:
        run = Place(tmp_path, tenant).run(pulse=True)
    assert (run["kind"], run["read"]) == ("full", "full")
    assert "no full to lean on" in run["why_read_full"]


def test_another_value_of_a_directory_extension_is_in_the_pulse(place: Place) -> None:
    """v1.0 gives it only by its name, and no change query tells of it: a pulse polls what has values."""
    valued = values_of(place, "userDirectoryExtensions")
    changed, gone = list(valued)[:2]
    first = next(id_ for id_ in values_of(place, "users") if id_ not in valued)
    (name, *others) = sorted(set(valued[changed]) - {"id"})
    operation = {"op": "set", "collection": "users"}
    place.tenant.attack(
        [
            {**operation, "id": changed, "attribute": name, "value": "another"},
            {**operation, "id": first, "attribute": name, "value": "the first"},
            *({**operation, "id": gone, "attribute": each, "value": None} for each in (name, *others)),
        ]
    )
    pulse = place.run(pulse=True)
    assert pulse["read"] == "delta"
    assert changes_of(pulse) == {"userDirectoryExtensions": (1, 1, 1)}
    require_equal(pulse, place.run())


def values_of(place: Place, collection: str) -> dict[str, dict[str, Any]]:
    """The objects of a collection in the full, by id."""
    archive = place.opened()
    snapshot = archive.open_snapshot(archive.manifest(1), place.identities)
    lines = [json.loads(record.line) for record in snapshot.records(collection.encode() + b"\x00")]
    return {line["id"]: line["value"] for line in lines if "relation" not in line and "stream" not in line}
