"""What workers make of pages is taken in order, and is not left to wait for the end of a list."""

from __future__ import annotations

import asyncio
import weakref

import pytest

from archiver.gathering.page_results import PageResults
from archiver.graph.errors import MalformedPageError


class Ids(bytes):
    """A result of which can be told whether anybody still holds it."""


def test_results_are_taken_in_the_order_of_the_pages() -> None:
    """Workers end in any order, and ids are listed in the order in which Graph gave them."""

    async def scene() -> None:
        taken: list[int] = []
        results = PageResults(taken.append)
        futures = [asyncio.get_running_loop().create_future() for _ in range(4)]
        for number in (1, 2, 0):
            futures[number].set_result(number)
        for future in futures:
            results.add(future)
        assert taken == [0, 1, 2]
        futures[3].set_result(3)
        assert await results.rest() == []
        assert taken == [0, 1, 2, 3]
        assert results.pages == 4

    asyncio.run(scene())


def test_no_result_waits_for_the_end_of_its_list() -> None:
    """The results of a million objects are 37 MB of text, in pieces all over the heap."""

    async def scene() -> None:
        sizes: list[int] = []
        results = PageResults[Ids](lambda ids: sizes.append(len(ids)))
        held: list[weakref.ref[asyncio.Future[Ids]]] = []
        for _ in range(5):
            future: asyncio.Future[Ids] = asyncio.get_running_loop().create_future()
            future.set_result(Ids(b"ids"))
            held.append(weakref.ref(future))
            results.add(future)
            del future
        assert [one() for one in held] == [None] * 5
        assert sizes == [3] * 5

    asyncio.run(scene())


def test_a_malformed_page_is_told_and_the_others_are_taken() -> None:
    """One page that can't be read must not cost the list."""

    async def scene() -> None:
        taken: list[int] = []
        results = PageResults(taken.append)
        loop = asyncio.get_running_loop()
        broken, whole = loop.create_future(), loop.create_future()
        error = MalformedPageError("no array")
        results.add(broken)
        results.add(whole)
        whole.set_result(1)
        broken.set_exception(error)
        assert await results.rest() == [error]
        assert taken == [1]

    asyncio.run(scene())


def test_any_other_failure_of_a_worker_ends_the_reading() -> None:
    """A spool that can't be written is no gap."""

    async def scene() -> None:
        results = PageResults[int](lambda _: None)
        future = asyncio.get_running_loop().create_future()
        future.set_exception(OSError("full"))
        with pytest.raises(OSError, match="full"):
            results.add(future)

    asyncio.run(scene())
