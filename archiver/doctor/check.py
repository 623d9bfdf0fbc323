"""A check: what was looked at, and what came out."""

from __future__ import annotations

from typing import NamedTuple

PASS, WARN, FAIL, NOT_CHECKED = "PASS", "WARN", "FAIL", "NOT CHECKED"


class Check(NamedTuple):
    """One line of the examination. `next_step` is empty where there is nothing to do.

    `id` keeps its meaning between versions; a part after the dot names what was checked (`store.vault`).
    """

    id: str
    title: str
    result: str
    detail: str
    next_step: str = ""
