"""What is had here and not of each of three others, and the other way round: the summary on top of COVERAGE.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from archiver.graph.coverage_entry import Entry, Peers, share_of

PEERS = ("EntraExporter", "Microsoft", "Keepit")
"""In the order of the members of `Peers`."""
_RESTORING = """\
Reading is half of it: Microsoft Entra Backup and Recovery and Keepit also put back what they hold, each within its
limits. This version puts nothing back, and neither does EntraExporter.
"""


_COLUMNS = "| of these things | only here | here and there | there, and here when named | there, not here |"
_ALL, _NAMED, _NOT = "all", "named", "not"


class _Matter(NamedTuple):
    """An entry, or a part of one that others read otherwise. `here`: read by `all`, when it is named, or not."""

    what: str
    here: str
    takers: tuple[str, ...]

    @property
    def line(self) -> str:
        """Its name, and who else reads it."""
        return f"{self.what} ({', '.join(self.takers)})" if self.takers else self.what


def comparison_of(entries: Iterable[Entry], read_by_all: Collection[str]) -> Iterator[str]:
    """Gives the lines of the summary. `read_by_all`: names of collections, relations and streams."""
    matters = [matter for entry in entries for matter in _matters_of(entry, read_by_all)]
    yield from ("", "## In short", "", _COLUMNS)
    yield from _counts_of(matters)
    yield from ("", "Here means what `all` reads; what others read in part counts as theirs.", "", _RESTORING)
    for heading, here, is_theirs in (
        ("Read by `all`, and by none of the three", _ALL, False),
        ("Read by `all`, and there too", _ALL, True),
        ("Read there, and here only when it is named", _NAMED, True),
        ("Read there, and not here", _NOT, True),
    ):
        chosen = [one.line for one in matters if one.here == here and bool(one.takers) == is_theirs]
        yield from (f"**{heading}** ({len(chosen)}): {'; '.join(chosen)}.", "")


def _counts_of(matters: Sequence[_Matter]) -> Iterator[str]:
    yield "|---|---|---|---|---|"
    for peer in PEERS:
        theirs = Counter(one.here for one in matters if any(taker.startswith(peer) for taker in one.takers))
        only_here = sum(one.here == _ALL for one in matters) - theirs[_ALL]
        yield f"| {peer} | {only_here} | {theirs[_ALL]} | {theirs[_NAMED]} | {theirs[_NOT]} |"


def _matters_of(entry: Entry, read_by_all: Collection[str]) -> Iterator[_Matter]:
    yield _Matter(entry.what, _here(entry.collections, read_by_all), _takers_of(entry.peers))
    for part in (*entry.parts, *entry.properties, *entry.beside):
        if part.peers is not None:
            name = f"{entry.what}: {part.what}"
            yield _Matter(name, _here(part.collections, read_by_all), _takers_of(part.peers))


def _here(collections: Sequence[str], read_by_all: Collection[str]) -> str:
    if any(name in read_by_all for name in collections):
        return _ALL
    return _NAMED if collections else _NOT


def _takers_of(peers: Peers) -> tuple[str, ...]:
    """The others that read it, each with "in part" where that is so."""
    shares = [share_of(text)[0] for text in msgspec.structs.astuple(peers)]
    named = zip(PEERS, shares, strict=True)
    return tuple(f"{peer} in part" if share == "part" else peer for peer, share in named if share != "no")
