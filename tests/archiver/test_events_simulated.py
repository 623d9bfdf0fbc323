"""The logs of the simulated tenant, over real HTTPS: what happens is archived run by run, and nothing is missed."""

from __future__ import annotations

from pathlib import Path

from recovery.rehearsal.serving.process import simulated_tenant
from tests.archiver.place import Place, now
from verify.event_log import EventLog

LOGS = ["directoryAudits", "provisioning", "signIns"]
TYPED = {
    "managedIdentitySignIns": "managedIdentity",
    "nonInteractiveSignIns": "nonInteractiveUser",
    "servicePrincipalSignIns": "servicePrincipal",
}


def events_in(place: Place) -> EventLog:
    """The archived events."""
    return EventLog(place.opened(), place.identities, now())


def test_what_was_read_run_by_run_is_all_that_is_there_in_the_end(tmp_path: Path) -> None:
    """Some events arrive late, and the last one of a page may come again on the next."""
    with simulated_tenant(tmp_path / "tenant", users=60) as tenant:
        place = Place(tmp_path / "first", tenant)
        first = place.run()["events"]
        changed = tenant.attack("two-changes-and-an-attack")
        second = place.run()["events"]
        tenant.advance(1)
        place.run()
        afterwards = Place(tmp_path / "second", tenant)
        afterwards.run()
    assert sorted(first["streams"]) == LOGS
    assert first["streams"]["signIns"]["events"] > 0
    assert second["streams"]["directoryAudits"]["events"] > 0
    assert place.verdict(1) == "PASS"
    log = events_in(place)
    for stream in LOGS:
        ids = [event.id for event in log.events(stream)]
        assert len(set(ids)) == len(ids) == sum(one.streams[stream].events for one in log.statements)
        assert {event.id for event in events_in(afterwards).events(stream)} <= set(ids)
    lines = [event.record.line for event in log.events("directoryAudits")]
    assert any(one["id"].encode() in line for one in changed for line in lines)


def test_sign_ins_of_every_type_are_archived_where_they_are_named(tmp_path: Path) -> None:
    """Each log has those of its type and no others, read on over a day of the tenant's."""
    with simulated_tenant(tmp_path / "tenant", users=60) as tenant:
        place = Place(tmp_path / "first", tenant, settings={"export.collections": ["domains", "signIns", *TYPED]})
        place.run()
        tenant.advance(1)
        place.run()
    log = events_in(place)
    for stream, type_ in TYPED.items():
        lines = [event.record.line for event in log.events(stream)]
        assert lines and all(f'"signInEventTypes":["{type_}"]'.encode() in line for line in lines)
        assert len(lines) == sum(one.streams[stream].events for one in log.statements)
        assert all(stream in one.streams for one in log.statements)
    assert place.verdict(1) == "PASS"
