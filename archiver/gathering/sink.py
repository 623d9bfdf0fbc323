"""Where records go: worker processes that canonicalise pages and keep what comes out.

Two small ports; the vault's spool is one implementation of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Protocol, TypeVar

from verify.key import Record

T = TypeVar("T")


class RecordWriter(Protocol):
    """What a worker process writes to."""

    def add(self, records: Iterable[Record], order: int) -> None:
        """Keeps records; of two with one key, or two readings of one relation, the higher `order` wins."""


class AsideWriter(RecordWriter, Protocol):
    """One that also keeps bytes which are no record, until a run has read everything."""

    def set_aside(self, content: bytes) -> int:
        """Keeps bytes out of memory for this process alone, until the run ends; gives their number.

        Raises:
            SpoolError: there is no room.
        """

    def aside(self, number: int) -> bytes:
        """Gives what was set aside. Raises SpoolError: it can't be read."""


class RecordSink(Protocol):
    """What runs work in worker processes."""

    def submit(self, work: Callable[..., T], /, *args: object) -> Future[T]:
        """Runs `work(writer, *args)` in a worker process; `work` is a function of a module."""

    def each(self, work: Callable[..., T], /, *args: object) -> list[Future[T]]:
        """Runs `work(writer, *args)` in every worker process, after what was submitted before."""
