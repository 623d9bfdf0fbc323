"""SERVED.md lists every path that is served, and is written from the table that serves them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from recovery.rehearsal.graph.actions import ACTIONS
from recovery.rehearsal.graph.row import Row
from recovery.rehearsal.graph.surface import CONTAINED, LOGS, RELATIONS, ROWS, STREAMS, TYPED_SIGN_INS
from tests.reports.golden import WRITE_VARIABLE

SERVED = files("recovery.rehearsal") / "SERVED.md"
HEAD = """# Everything that the simulated tenant serves

Written from the table of paths; `STRONGROOM_WRITE_GOLDEN=1 pytest tests/rehearsal/test_served.py` writes it anew. On
`/v1.0` and `/beta` unless it says otherwise; a list without a page size is one page. `/delta`: the delta function, with
the relations that it can track.

| collection | path | notes |
|---|---|---|
"""
ACTIONS_HEAD = """
Actions that only read, by POST:

| action | permission |
|---|---|
"""
LIMITS = {
    "reports": "5 requests in 10 s",
    "cpim": "200 requests a minute",
    "conditional-access": "1 request a second",
    "other": "not metered",
}


def test_the_list_of_what_is_served_is_that_of_the_code() -> None:
    """A reader who looks for a path must find it, or know that it is absent."""
    text = HEAD + "".join(
        f"| `{row.collection}` | {places_of(row)} | {notes_of(row)} |\n"
        for row in (*ROWS, *LOGS, TYPED_SIGN_INS, *CONTAINED)
    )
    text += ACTIONS_HEAD + "".join(
        f"| `{action}` | {' or '.join(f'`{name}`' for name in sorted(permissions))} |\n"
        for action, permissions in ACTIONS.items()
    )
    if os.environ.get(WRITE_VARIABLE) == "1":
        Path(str(SERVED)).write_text(text, encoding="utf-8")
    assert SERVED.read_text(encoding="utf-8") == text


def places_of(row: Row) -> str:
    """Its paths, those of beta marked."""
    beta = [f"`{path}` (beta)" for path in row.beta_paths]
    return ", ".join([*(f"`{path}`" + " (beta only)" * row.beta_only for path in row.paths), *beta])


def notes_of(row: Row) -> str:
    """Shape, page, filter, parts, limit, links and bytes."""
    return "; ".join(_notes_of(row))


def _notes_of(row: Row) -> Iterator[str]:
    if row.singleton:
        yield "one object"
    elif row.page is not None:
        yield f"pages of {row.page}, at most {row.largest_page}"
    if row.timed:
        yield "v1.0 only; " * (not row.beta_only) + f"events by `{row.timed}`"
    if row.may_be_absent:
        yield "404 where there is none"
    if row.filtered:
        yield "needs `$filter` by " + ", ".join(f"`{name}`" for name in row.filtered)
    if row.when:
        yield f"`{row.when[0]}` is `{row.when[1]}`"
    if row.embeds:
        yield "`$expand`: " + ", ".join(f"`{name}`" for name in row.embeds)
    if row.left_out_of_lists:
        yield "not in lists: " + ", ".join(f"`{name}`" for name in row.left_out_of_lists)
    if row.bucket in LIMITS:
        yield LIMITS[row.bucket]
    links = [relation for relation in RELATIONS if relation.collection == row.collection]
    if links:
        yield "links: " + ", ".join(f"`{each.path or each.name}`" for each in links)
    if row.tracks is not None:
        yield "`/delta`" + ": " * bool(row.tracks) + ", ".join(f"`{name}`" for name in row.tracks)
    streams = [stream for stream in STREAMS if stream.collection == row.collection]
    if streams:
        yield "bytes: " + ", ".join(f"`{stream.name}`" for stream in streams)
