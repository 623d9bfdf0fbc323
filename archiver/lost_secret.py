"""Alarms about escrowed secrets that were in the snapshots of the last 30 days, and are not any more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from archiver.alarm import Alarm
from archiver.shortfall import ESCROW_STEP
from archiver.state.escrowed_places import EscrowedPlaces
from verify.errors import MalformedError
from verify.escrow_place import ESCROW

MOST_NAMED = 8
"""Places in one line for a terminal."""


def lost_secret_alarms_of(places: EscrowedPlaces, present: Collection[str], taken_at: datetime) -> list[Alarm]:
    """Returns one (`drop`) that names the secrets that are gone, and keeps what this snapshot has for the next ones.

    A count would not tell, where another was escrowed meanwhile. That it can't be told is an alarm (`state`).
    `present` names the places that have one in the snapshot of `taken_at`.
    """
    try:
        gone = places.gone(present, taken_at)
        damage = []
    except MalformedError as error:
        gone, damage = [], [_trouble("read", error.message)]
    except OSError as error:
        return [_trouble("read", str(error.strerror))]
    try:
        places.keep(present, gone, taken_at)
    except OSError as error:
        damage = [_trouble("kept", str(error.strerror))]
    return [*([_lost(gone)] if gone else []), *damage]


def _lost(gone: Sequence[str]) -> Alarm:
    more = f" and {len(gone) - MOST_NAMED} more" if len(gone) > MOST_NAMED else ""
    named = ", ".join(gone[:MOST_NAMED]) + more
    return Alarm("drop", ESCROW, f"{ESCROW} lost what snapshots of the last 30 days had for {named}{ESCROW_STEP}")


def _trouble(what: str, why: str) -> Alarm:
    detail = f"which places of escrowed secrets the last snapshots had can't be {what}: {why}; they are only counted"
    return Alarm("state", "escrowed", detail)
