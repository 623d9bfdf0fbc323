"""A day of the tenant on disk: the bodies that Graph sends, and what the archiver does with each.

`pages.bin` holds the bodies side by side, `pages.jsonl` one line per piece of work: which function of
`archiver.gathering.page_work` gets which bodies. Both are written before anything is timed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

import msgspec

Kind = Literal["objects", "single", "expanded", "expanded-objects", "relations", "contained"]


class Body(NamedTuple):
    """One answer: the object that it was asked for ("" for a page of a list), and where its bytes lie."""

    id: str
    offset: int
    length: int


class Work(NamedTuple):
    """Bodies that go to a worker together. `name` is the relation, or the contained row."""

    kind: Kind
    collection: str
    name: str
    bodies: tuple[Body, ...]


class DayWriter:
    """Writes a day into a new folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._bodies: BinaryIO = (folder / "pages.bin").open("xb")
        self._works: BinaryIO = (folder / "pages.jsonl").open("xb")

    def add(self, kind: Kind, collection: str, name: str, bodies: list[tuple[str, bytes]]) -> None:
        """Appends one piece of work; each body comes with the id that it was asked for."""
        placed = []
        for id_, body in bodies:
            placed.append(Body(id_, self._bodies.tell(), len(body)))
            self._bodies.write(body)
        self._works.write(msgspec.json.encode(Work(kind, collection, name, tuple(placed))) + b"\n")

    def close(self) -> None:
        """Ends both files."""
        self._bodies.close()
        self._works.close()


class Day:
    """A day that was written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def size_bytes(self) -> int:
        """All bodies together, in bytes."""
        return (self._folder / "pages.bin").stat().st_size

    def works(self) -> Iterator[tuple[Work, Iterator[bytes]]]:
        """Yields each piece of work with its bodies, each read from disk when it is asked for."""
        decoder = msgspec.json.Decoder(Work)
        with (self._folder / "pages.jsonl").open("rb") as works, (self._folder / "pages.bin").open("rb") as bodies:
            for line in works:
                work = decoder.decode(line)
                yield work, _bodies_in(bodies, work)


def _bodies_in(source: BinaryIO, work: Work) -> Iterator[bytes]:
    for body in work.bodies:
        source.seek(body.offset)
        yield source.read(body.length)
