"""How Graph says that a state token is no longer good and everything must be read again."""

from __future__ import annotations

from collections.abc import Callable

from recovery.rehearsal.graph.refusal import Refusal

SYNC_STATE_NOT_FOUND, RESYNC, LINK_TOO_OLD = "sync-state-not-found", "resync", "delta-link-too-old"
RESETS = (SYNC_STATE_NOT_FOUND, RESYNC, LINK_TOO_OLD)
"""400 as announced in July 2020 for directory objects, 410 with a place to begin anew (both in Graph's delta query
overview), and 400 as clients report it for directory objects."""


def reset_of(style: str, location: Callable[[], str]) -> Refusal:
    """The refusal of a state token in one of RESETS; `location` gives the address that begins anew."""
    if style == RESYNC:
        return Refusal(
            410,
            "resyncRequired",
            "Resync required. Replace any local items with the server's version.",
            {"Location": location()},
        )
    if style == LINK_TOO_OLD:
        return Refusal(400, "Request_UnsupportedQuery", "DeltaLink older than 30 days is not supported.")
    return Refusal(
        400,
        "syncStateNotFound",
        "The sync state generation is not found. The delta token is expired and data must be synchronized again.",
    )


class Resets:
    """Which requests are answered with a reset although their token is good, and how tokens that are too old are."""

    def __init__(self) -> None:
        self.style = SYNC_STATE_NOT_FOUND
        self._ordered: list[tuple[str, str | None]] = []

    def order(self, style: str, collection: str | None, times: int) -> None:
        """Has the next `times` requests with a state token answered so, those of one collection or any."""
        self._ordered += [(style, collection)] * times

    def next(self, collection: str) -> str | None:
        """What was ordered for a request with a state token; each order is carried out once."""
        for number, (style, wanted) in enumerate(self._ordered):
            if wanted in (None, collection):
                del self._ordered[number]
                return style
        return None
