"""Whole runs while objects come, go and change between two requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from archiver.graph.catalogue import load_catalogue
from archiver.graph.permission import permissions_of
from recovery.plain_export import export
from recovery.rehearsal.serving.process import simulated_tenant
from tests.archiver.fault_plan import PATIENT
from tests.archiver.place import Place

ROLES = permissions_of(load_catalogue().chosen(["all"]))


def lines_by_id(place: Place, sequence: int, folder: Path) -> dict[str, dict[str, Any]]:
    """What the plain files of a snapshot say, by file and id."""
    archive = place.opened()
    exported = export(archive.open_snapshot(archive.manifest(sequence), place.identities), folder, "jsonl").folder
    return {
        path.stem: {line["id"]: line for line in map(json.loads, path.read_text("utf-8").splitlines())}
        for path in exported.iterdir()
        if path.stem in ("users", "users.manager", "deletedUsers")
    }


def test_leavers_and_joiners_in_mid_run_cost_nobody_who_stays_and_alarm_nobody(tmp_path: Path) -> None:
    """People leave on every day; each is named, nothing else is touched, and the next run settles it."""
    with simulated_tenant(tmp_path / "tenant", users=60, roles=ROLES) as tenant:
        place = Place(tmp_path, tenant)
        place.run()
        tenant.set_churn(
            [
                {"match": r"GET /v1.0/users\?.*displayName", "add": 3, "delete": 3},
                {"match": r"GET /v1.0/users\?.*expand", "times": 2, "add": 2, "delete": 2},
                {"match": r"GET /beta/groups", "times": 2, "add": 2, "delete": 2},
            ]
        )
        result = place.attempt(patience=PATIENT)
        tenant.set_churn([])
        gone = {one["id"] for one in tenant.churned() if (one["change"], one["collection"]) == ("removed", "users")}
        after = place.run()
    assert (result.exit_status, result.document["alarms"]) == (0, [])
    assert len(gone) >= 7
    gaps = result.document["gaps"]
    assert gaps, "nobody left between two requests about him: the test shows nothing"
    assert {(gap["collection"], gap["reason"]) for gap in gaps} == {("users", "not-found")}
    assert {gap["id"] for gap in gaps} <= gone
    first, moved, last = (lines_by_id(place, number, tmp_path / f"{number}") for number in (1, 2, 3))
    stayed = set(first["users"]) & set(last["users"])
    assert {id_: moved["users"].get(id_) for id_ in stayed} == {id_: last["users"][id_] for id_ in stayed}
    assert stayed & set(last["users.manager"]) <= set(moved["users.manager"])
    assert gone <= set(moved["users"]) | set(moved["deletedUsers"]) | {gap["id"] for gap in gaps}
    assert (after["gaps"], after["alarms"]) == ([], [])


def test_of_two_states_of_an_object_in_one_list_the_later_is_sealed(tmp_path: Path) -> None:
    """A list that begins anew meets objects again that changed meanwhile; each is there once, as it is."""
    with simulated_tenant(tmp_path / "tenant", users=1100, roles=ROLES) as tenant:
        place = Place(tmp_path, tenant)
        text = place.settings_file.read_text("utf-8")
        place.settings_file.write_text(text.replace("[export]", '[export]\ncollections = ["users"]', 1), "utf-8")
        place.run()
        change = {"op": "set", "collection": "users", "attribute": "jobTitle", "value": "Moved"}
        operation = {**change, "where": "accountEnabled eq true", "limit": 50}
        listing = r"GET /v1.0/users\?.*displayName"
        tenant.set_churn([{"match": listing, "operations": [operation]}])
        tenant.set_faults({"rules": [{"match": f"{listing}.*skiptoken", "fault": "expired-link"}]})
        result = place.attempt(patience=PATIENT)
        tenant.set_churn([])
        tenant.set_faults(None)
        after = place.run()
    assert (result.exit_status, result.document["gaps"]) == (0, [])
    assert result.document["collections"]["users"]["objects"] == 1100
    assert result.document["collections"]["users"]["changed"] == 50
    assert result.document["state_root"] == after["state_root"]
