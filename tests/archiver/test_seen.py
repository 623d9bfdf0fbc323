"""The list of events that a next reading meets again: found by id, bounded, and never believed when damaged."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.events import seen
from archiver.events.seen import ROW_BYTES, SeenList, SeenRows, row_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def listed(folder: Path, content: bytes) -> SeenList:
    """The content as a run finds it."""
    path = folder / "seen"
    path.write_bytes(content)
    return SeenList(path, hashlib.sha256(content).hexdigest())


def test_an_event_is_found_by_its_id_and_no_other_is(tmp_path: Path) -> None:
    """What is found is dropped, so that a false answer loses an event for good."""
    rows = SeenRows()
    rows.add(b"".join(row_of(f"id-{number}", NOON) for number in range(500)))
    known = listed(tmp_path, rows.content(None))
    assert len(known) == 500 and all(f"id-{number}" in known for number in range(500))
    assert not any(f"other-{number}" in known for number in range(500))


def test_a_list_keeps_what_is_young_enough_and_each_event_once() -> None:
    """A list may be begun anew, and pages come twice."""
    rows = SeenRows([row_of("old", NOON - HOUR), row_of("young", NOON)])
    rows.add(row_of("young", NOON))
    assert rows.content(NOON) == row_of("young", NOON)
    assert len(rows.content(None)) == 2 * ROW_BYTES


def test_of_too_many_events_the_youngest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded; what falls out is sealed twice, and not lost."""
    monkeypatch.setattr(seen, "MAX_SEEN", 10)
    monkeypatch.setattr(seen, "_MOST_ROWS", 12)
    rows = SeenRows()
    for number in range(100):
        rows.add(row_of(str(number), NOON + number * HOUR))
        assert len(rows._rows) <= 12 * ROW_BYTES
    assert rows.content(None) == b"".join(
        sorted(row_of(str(number), NOON + number * HOUR) for number in range(90, 100))
    )


@pytest.mark.parametrize("change", [lambda c: c[:-1], lambda c: c + b"x", lambda c: b"\x00" + c[1:]])
def test_a_list_that_is_not_the_one_that_was_committed_counts_for_nothing(tmp_path: Path, change: object) -> None:
    """It would make a reading leave out what no bundle holds."""
    content = row_of("a", NOON)
    path = tmp_path / "seen"
    path.write_bytes(change(content))  # type: ignore[operator]
    assert len(SeenList(path, hashlib.sha256(content).hexdigest())) == 0
    assert len(SeenList(tmp_path / "none", "00" * 32)) == 0
    assert len(SeenList(path, None)) == 0
