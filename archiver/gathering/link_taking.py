"""Links that ask Graph, later, what has changed since now: one for each list that has a change query."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from archiver.gathering.reading import PREPARATION_SECONDS, Reading, query_of
from archiver.gathering.since import ChangeLink, shape_digest_of
from archiver.graph.change_page import change_page_of
from archiver.graph.errors import MalformedPageError, ReadError
from archiver.graph.row import Delta, Row


async def take_links(reading: Reading, rows: Sequence[Row]) -> dict[str, ChangeLink]:
    """Asks for a link for each row that has a change query. A row whose query fails has none, and is read whole."""
    links = await asyncio.gather(*(_link_of(reading, row, row.delta) for row in rows if row.delta is not None))
    return {name: link for name, link in links if link is not None}


async def _link_of(reading: Reading, row: Row, delta: Delta) -> tuple[str, ChangeLink | None]:
    query = query_of(select=",".join(_tracked(row, delta)), deltatoken="latest")
    url = reading.reader.client.url_of(row.version, delta.path + query)
    try:
        async with asyncio.timeout(PREPARATION_SECONDS):
            page = await reading.reader.read(url, change_page_of, bucket=row.bucket, units=row.resource_units)
        return row.collection, ChangeLink(_last_link(page.delta_link), shape_digest_of(row))
    except (ReadError, TimeoutError):
        return row.collection, None


def _last_link(link: str | None) -> str:
    if link is None:
        raise MalformedPageError("a change query that asks for nothing but a link gives pages")
    return link


def _tracked(row: Row, delta: Delta) -> Iterable[str]:
    """What the query follows: what the row selects, and the relations whose changes it tells.

    A row without `select` is read whole, and its query follows everything. Properties with a permission of their own
    are not of the store that change queries look at.
    """
    if not row.select:
        return ()
    guarded = {guarded.property for guarded in row.guarded}
    return (*(name for name in row.select if name not in guarded), *delta.tracks)
