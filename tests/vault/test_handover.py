"""Large bytes reach workers through shared memory whole, and memory is lent again once it was read."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from vault.spooling.handover import MIN_BYTES, SLOT_BYTES, Handover
from vault.spooling.spool import Spool
from vault.spooling.spool_run import SpoolWriter


class Shape(NamedTuple):
    """An argument that is a tuple of a kind of its own."""

    name: bytes
    number: int


def digests_of(_writer: SpoolWriter, values: bytes, pages: list[tuple[str, list[bytes]]], shape: Shape) -> list[str]:
    """Work for a worker: says what arrived."""
    assert type(shape) is Shape
    return [hashlib.sha256(one).hexdigest() for one in (values, *pages[0][1], shape.name)]


def fail(_writer: SpoolWriter, values: bytes) -> None:
    """Work that ends badly."""
    raise ValueError(len(values))


def test_arguments_of_every_size_arrive_as_they_were_sent(tmp_path: Path) -> None:
    """A page that arrives with another page's bytes would be archived as this tenant's truth."""
    sizes = [0, 1, MIN_BYTES - 1, MIN_BYTES, 3 * MIN_BYTES, SLOT_BYTES, SLOT_BYTES + 1]
    with Spool(tmp_path / "spool", 2) as spool:
        waiting = []
        for repetition in range(4):
            for size in sizes:
                values, page = os.urandom(size), os.urandom(MIN_BYTES + repetition)
                shape = Shape(os.urandom(MIN_BYTES), 1)
                sent = [values, page, b"small", shape.name]
                expected = [hashlib.sha256(one).hexdigest() for one in sent]
                arguments = (values, [("id", [page, b"small"])], shape)
                waiting.append((expected, spool.submit(digests_of, *arguments)))
        for expected, future in waiting:
            assert future.result() == expected


def test_slots_are_lent_again_after_work_that_failed(tmp_path: Path) -> None:
    """A slot lost with each malformed page would lead every later page through the pipe."""
    with Spool(tmp_path / "spool", 1) as spool:
        for _ in range(40):
            assert isinstance(spool.submit(fail, bytes(MIN_BYTES)).exception(), ValueError)
        slot = spool._handover.lend(bytes(MIN_BYTES))
        assert slot is not None


def test_a_slot_is_never_lent_twice() -> None:
    """Two pages in one place would be one page."""
    handover = Handover(2)
    first, second = handover.lend(b"a" * MIN_BYTES), handover.lend(b"b" * MIN_BYTES)
    assert first is not None
    assert second is not None
    assert handover.lend(b"c" * MIN_BYTES) is None
    assert handover.content_of(first) == b"a" * MIN_BYTES
    assert handover.content_of(second) == b"b" * MIN_BYTES
    handover.take_back(first)
    third = handover.lend(b"c" * (MIN_BYTES + 5))
    assert third is not None
    assert handover.content_of(third) == b"c" * (MIN_BYTES + 5)
    assert handover.content_of(second) == b"b" * MIN_BYTES
