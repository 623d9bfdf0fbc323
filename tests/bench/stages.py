"""Where the time of a first seal goes: stage by stage as a wall, and by kind of work as processor time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from tests.bench.ours import Sealed
from tests.bench.table import stage_table_of

_PARTS = ("sort, compress, encrypt", "re-open and recompute")
"""Stages within `seal`; the others stand beside it."""


def stages_of(sealed: Sequence[Sealed], line_bytes: int, limit: Mapping[str, float]) -> list[str]:
    """Two tables of medians; `limit` in MB/s of one core, by kind of work."""
    first = sealed[0].document
    pages, lines, stored = first["page_bytes"] / 1e6, line_bytes / 1e6, first["bundle_bytes"] / 1e6
    walls = {name: median(one.document["walls"][name] for one in sealed) for name in first["walls"]}
    shares = {name: median(one.document["shares"][name] for one in sealed) for name in first["shares"]}
    start = median(one.timing.wall - _sum_of(one, set(walls) - set(_PARTS)) for one in sealed)
    signing = median(_sum_of(one, {"seal"}) - _sum_of(one, set(_PARTS)) for one in sealed)
    return [
        stage_table_of("Stages of the first day: wall, one after the other", [
            ("start, modules", start, 0, None),
            ("settings, keys, ledger", walls["settings, keys, ledger"], 0, None),
            ("gather: read pages, canonicalise, hash, spool", walls["gather"], pages, None),
            ("sort, compress, encrypt", walls["sort, compress, encrypt"], lines, None),
            ("re-open and recompute", walls["re-open and recompute"], lines, None),
            ("sign, commit", signing, 0, None),
            ("deliver: copy, sync, read back", walls["deliver"], stored, None),
        ]),
        stage_table_of("Work of the first day: processor time of all processes, against one core", [
            ("take pages apart, hand them to workers", shares["pages"], pages, limit["pages"]),
            ("canonicalise", shares["canonicalise"], pages, limit["canonicalise"]),
            ("hash, sort and spool runs", shares["spool"], lines, limit["SHA-256"]),
            ("read the spool back", shares["read back"], lines, limit["inflate"]),
            ("compress", shares["compress"], lines, limit["compress"]),
            ("leaves", shares["leaves"], 0, None),
            ("encrypt, SHA-256, SHA-512, segments", shares["encrypt"], stored, limit["encrypt"]),
            ("re-open: decrypt, inflate, hash, leaves", shares["re-open"], lines, limit["SHA-256"]),
        ]),
    ]  # fmt: skip


def _sum_of(sealed: Sealed, names: set[str]) -> float:
    return sum(float(sealed.document["walls"][name]) for name in names)
