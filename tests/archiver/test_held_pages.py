"""Pages that wait for the last one of their relation: many relations are read at once, in memory for a few."""

from __future__ import annotations

import asyncio
import secrets

from archiver.gathering.held_pages import LONG_AT_ONCE, HeldPages
from archiver.graph.page import unpacked

PAGE = 1000


async def _read(held: HeldPages, pages: int, seen: list[int]) -> list[bytes]:
    """A relation of so many pages that can't be made smaller; `seen` gets what is held after each."""
    values = [secrets.token_bytes(PAGE) for _ in range(pages)]
    async with held.turn() as holding:
        for one in values:
            await asyncio.sleep(0)
            await holding.add(one)
            seen.append(held.bytes)
        assert [unpacked(page) for page in holding.pages] == values
        return values


def test_all_are_read_in_little_more_memory_than_asked_for() -> None:
    """Each may bring one page more, and the first goes on however long it is."""
    seen: list[int] = []

    async def main() -> None:
        held = HeldPages(most_bytes=10 * PAGE)
        async with asyncio.TaskGroup() as group:
            for pages in (30, 1, 20, 20, 20):
                group.create_task(_read(held, pages, seen))
        assert held.bytes == 0

    asyncio.run(asyncio.wait_for(main(), 20))
    assert len(seen) == 91
    assert max(seen) < 1.1 * PAGE * (10 + 30 + 5)


def test_what_holds_none_waits_for_nobody() -> None:
    """Without pressure all go on at once: each waits for one answer after the other."""
    order: list[str] = []

    async def one(held: HeldPages, name: str) -> None:
        async with held.turn() as holding:
            for _ in range(3):
                order.append(name)
                await holding.add(b"[]")
                await asyncio.sleep(0)

    async def main() -> None:
        held = HeldPages()
        async with asyncio.TaskGroup() as group:
            for name in "ab":
                group.create_task(one(held, name))

    asyncio.run(asyncio.wait_for(main(), 20))
    assert order == list("ababab")


def test_a_relation_that_fails_lets_the_others_go_on() -> None:
    """What it held is free again, and the next one is the first."""

    async def failing(held: HeldPages) -> None:
        async with held.turn() as holding:
            await holding.add(secrets.token_bytes(20 * PAGE))
            await asyncio.sleep(0.01)
            raise ConnectionError

    async def main() -> list[object]:
        held = HeldPages(most_bytes=10 * PAGE)
        reads = [_read(held, 5, []) for _ in range(LONG_AT_ONCE + 3)]
        results: list[object] = await asyncio.gather(failing(held), *reads, return_exceptions=True)
        assert held.bytes == 0
        return results

    first, *others = asyncio.run(asyncio.wait_for(main(), 20))
    assert isinstance(first, ConnectionError)
    assert all(isinstance(one, list) and len(one) == 5 for one in others)
