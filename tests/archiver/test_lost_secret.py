"""Escrowed secrets that are gone: each is missed by its name, however many came meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.escrow import Escrow, place_of
from archiver.graph.catalogue import load_catalogue
from archiver.lost_secret import MOST_NAMED, lost_secret_alarms_of
from archiver.state.escrowed_places import EscrowedPlaces
from tests.archiver.log_place import DAY_ONE, LogPlace, log_place
from vault.trust import new_identity

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 21, 2, 15, tzinfo=UTC)
FIRST, SECOND = "applications/a1/k1", "applications/a2"


@pytest.fixture
def places(tmp_path: Path) -> EscrowedPlaces:
    return EscrowedPlaces(tmp_path / "escrowed.json")


def lost(places: EscrowedPlaces, present: list[str], days: float = 0) -> list[str]:
    """What alarms of a snapshot so many days later say."""
    return [alarm.detail for alarm in lost_secret_alarms_of(places, present, NOW + timedelta(days=days))]


def test_a_lost_secret_alarms_until_it_is_escrowed_again(places: EscrowedPlaces) -> None:
    """Another that came between the same two runs makes up for nothing."""
    assert lost(places, [FIRST]) == []
    for day in (1, 2, 29.9):
        (detail,) = lost(places, [SECOND], day)
        assert FIRST in detail and SECOND not in detail and "escrow them again" in detail
    assert lost(places, [FIRST, SECOND], 29.95) == []


def test_a_secret_that_no_snapshot_of_30_days_has_is_let_go(places: EscrowedPlaces) -> None:
    """An application that was taken down needs none, and nobody reads an alarm of every night."""
    lost(places, [FIRST])
    assert lost(places, [SECOND], 30) == []
    assert FIRST not in places._file.read_text("utf-8")


def test_a_clock_that_was_ahead_keeps_no_alarm_for_years(places: EscrowedPlaces) -> None:
    """Its own alarm tells of the clock."""
    lost(places, [FIRST], 3650)
    assert len(lost(places, [], 0)) == 1
    assert lost(places, [], 30) == []


def test_many_lost_secrets_are_one_line(places: EscrowedPlaces) -> None:
    """The folder may be gone with all that was in it."""
    lost(places, [f"applications/{number:03}" for number in range(100)])
    (detail,) = lost(places, [])
    assert f"and {100 - MOST_NAMED} more" in detail and len(detail) < 500


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a":1}', b'{"a":"yesterday"}', b"\xff", b'{"a":' * 5000])
def test_a_memory_that_is_damaged_is_an_alarm_and_begun_anew(places: EscrowedPlaces, content: bytes) -> None:
    """The snapshot is sealed by then, and a count is left to compare with."""
    places._file.write_bytes(content)
    (detail,) = lost(places, [FIRST])
    assert "is damaged" in detail and "only counted" in detail
    assert lost(places, [FIRST]) == []


@pytest.mark.parametrize("place", ["read", "kept"])
def test_a_memory_that_can_not_be_read_or_kept_is_an_alarm(places: EscrowedPlaces, place: str) -> None:
    """A folder lies there, or its own folder is away."""
    if place == "read":
        places._file.mkdir()
    else:
        places = EscrowedPlaces(places._file.parent / "away" / "escrowed.json")
    (detail,) = lost(places, [FIRST])
    assert f"can't be {place}" in detail


def escrowed(place: LogPlace, source: Path, name: str) -> None:
    """Hands a secret in, as `escrow add` does."""
    source.write_bytes(b"hush")
    folder = place.settings_file.parent / "state" / "escrow"
    Escrow(folder).add(place_of(name, load_catalogue()), source, (new_identity().recipient,), lambda: DAY_ONE)


def test_runs_miss_each_secret_by_its_name(tmp_path: Path) -> None:
    """One lost and one added between two runs leave the count as it was; one alarm says it, and not two."""
    with log_place(tmp_path) as place:
        escrowed(place, tmp_path / "s", FIRST)
        escrowed(place, tmp_path / "s", SECOND)
        place.run(DAY_ONE)
        for file in (place.settings_file.parent / "state" / "escrow").iterdir():
            file.unlink()
        escrowed(place, tmp_path / "s", SECOND)
        for added in ("applications/a3", "applications/a4"):
            (alarm,) = alarms_of(place, DAY_ONE + DAY)
            assert (alarm["kind"], alarm["subject"]) == ("drop", "escrow") and FIRST in alarm["detail"]
            escrowed(place, tmp_path / "s", added)
        escrowed(place, tmp_path / "s", FIRST)
        assert alarms_of(place, DAY_ONE + 2 * DAY) == []


def alarms_of(place: LogPlace, at: datetime) -> list[dict[str, str]]:
    """A run's alarms, but for that of the clock, which tests set."""
    return [alarm for alarm in place.run(at)["alarms"] if alarm["kind"] != "clock"]
