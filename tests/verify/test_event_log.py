"""The reader of events: proved, between two times, each once, and never silently less than there is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.vault.event_host import STREAM, event, flip, seal_with_events
from tests.vault.host import Host
from vault.trust import new_identity
from verify.archive import Archive
from verify.errors import DigestError, UsageError, WrongIdentityError
from verify.event_log import EventLog, time_of_event
from verify.identity import Identity
from verify.store import DirectoryReader

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def log_of(host: Host, *identities: Identity) -> EventLog:
    """The events of the host's archive."""
    archive = Archive.open(DirectoryReader(host.archive), host.chain.newest.fingerprint)
    return EventLog(archive, identities or [host.identity], host.now)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """An archive host whose recipient was proved."""
    made = Host(tmp_path)
    made.prove()
    return made


@pytest.fixture
def days(host: Host) -> Host:
    """Three days with an event an hour before each run; one of the first day arrives on the third."""
    first = host.now
    for day in range(3):
        late = [event("late", first - 2 * HOUR)] if day == 2 else []
        asked_from = first - DAY if day == 2 else None
        seal_with_events(host, [event(f"e{day}", host.now - HOUR), *late], asked_from=asked_from)
    return host


def test_all_events_come_in_the_order_in_which_they_were_sealed(days: Host) -> None:
    """A late one comes with those that it was sealed with."""
    assert [(one.id, one.sequence) for one in log_of(days).events(STREAM)] == [
        ("e0", 1), ("e1", 2), ("e2", 3), ("late", 3)
    ]  # fmt: skip


def test_events_between_two_times_are_those_and_no_others(days: Host) -> None:
    """The first instant belongs to the span, the last does not; a late event is found though it was sealed later."""
    start = days.now - 3 * DAY
    log = log_of(days)
    between = [one.id for one in log.events(STREAM, start - 2 * HOUR, start)]
    assert between == ["e0", "late"]
    (first,) = (one for one in log.events(STREAM) if one.id == "e1")
    assert first.at is not None
    assert [one.id for one in log.events(STREAM, first.at, first.at + HOUR)] == ["e1"]
    assert [one.id for one in log.events(STREAM, first.at - HOUR, first.at)] == []


def test_bundles_that_can_not_hold_what_is_asked_for_are_not_opened(days: Host) -> None:
    """Attribution of yesterday's change must not open ten years of logs."""
    archive = log_of(days)
    newest = archive.statements[-1].bundle.sha256
    for file in (days.archive / "bundles").rglob(f"{newest}.age"):
        file.unlink()
    old = days.now - 30 * DAY
    assert list(archive.events(STREAM, old - HOUR, old)) == []


def test_an_event_that_was_sealed_twice_comes_once_as_it_was_first(host: Host) -> None:
    """An archive host that lost what it remembered seals a day again."""
    same = host.now - HOUR
    seal_with_events(host, [event("twice", same, "first")])
    seal_with_events(host, [event("twice", same, "second"), event("other", host.now)])
    found = list(log_of(host).events(STREAM))
    assert [(one.id, one.sequence) for one in found] == [("twice", 1), ("other", 2)]
    assert b"first" in found[0].record.line
    single = log_of(host).event(STREAM, "twice")
    assert single is not None and single.record == found[0].record


def test_one_event_is_found_by_its_id(days: Host) -> None:
    """And what is not there is None, not an error."""
    found = log_of(days).event(STREAM, "late")
    assert found is not None and (found.id, found.sequence) == ("late", 3)
    assert log_of(days).event(STREAM, "nobody") is None


def test_a_stream_that_was_never_read_is_no_empty_one(days: Host) -> None:
    """Unknown is never shown as nothing."""
    with pytest.raises(UsageError, match="signIns is no stream"):
        list(log_of(days).events("signIns"))


def test_a_bundle_that_is_missing_is_an_error_until_its_retention_has_passed(days: Host) -> None:
    """Less than there was must not look like all there is."""
    first = log_of(days).statements[0].bundle.sha256
    for file in (days.archive / "bundles").rglob(f"{first}.*"):
        file.unlink()
    with pytest.raises(DigestError):
        list(log_of(days).events(STREAM))
    days.now += 60 * DAY
    log = log_of(days)
    assert [one.sequence for one in log.expired] == [1]
    assert [one.id for one in log.events(STREAM)] == ["e1", "e2", "late"]


def test_a_damaged_bundle_gives_no_event(days: Host) -> None:
    """Nothing is read without being proved."""
    digest = log_of(days).statements[0].bundle.sha256
    (file,) = (days.archive / "bundles").rglob(f"{digest}.age")
    file.write_bytes(flip(file.read_bytes()))
    with pytest.raises(DigestError):
        list(log_of(days).events(STREAM))


def test_a_stranger_s_identity_opens_nothing(days: Host) -> None:
    """Events are sealed as snapshots are."""
    with pytest.raises(WrongIdentityError, match="events 1"):
        list(log_of(days, new_identity()).events(STREAM))


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [("2026-01-01T00:00:00Z", 0), ("2026-01-01T00:00:00.1234567Z", 123456), ("2026-01-01T02:00:00.5+02:00", 500000)],
)
def test_times_are_read_as_graph_writes_them(text: str, microsecond: int) -> None:
    """Seven digits of a second, and any offset."""
    at = time_of_event(text)
    assert at is not None and (at.isoformat()[:19], at.microsecond) == ("2026-01-01T00:00:00", microsecond)


@pytest.mark.parametrize(
    "value", [None, 5, "", "yesterday", {"a": 1}, "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"]
)
def test_what_is_no_time_is_none(value: object) -> None:
    """An undated event is shown, and not dropped for that."""
    assert time_of_event(value) is None
