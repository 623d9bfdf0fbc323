"""A record sink in memory: everything that goes to a worker or comes back is pickled, as it is for real."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

from verify.key import RELATION, KeyFields, Record, fields_of

T = TypeVar("T")


class MemorySink:
    """Keeps records under the rules of the spool: the higher order wins, for a relation all parts at once."""

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[int, bytes]] = {}
        self._aside: list[bytes] = []

    def submit(self, work: Callable[..., T], /, *args: object) -> Future[T]:
        future: Future[T] = Future()
        function, arguments = pickle.loads(pickle.dumps((work, args)))
        try:
            future.set_result(pickle.loads(pickle.dumps(function(self, *arguments))))
        except Exception as error:
            future.set_exception(pickle.loads(pickle.dumps(error)))
        return future

    def each(self, work: Callable[..., T], /, *args: object) -> list[Future[T]]:
        return [self.submit(work, *args)]

    def add(self, records: Iterable[Record], order: int) -> None:
        for key, line in records:
            if key not in self._kept or self._kept[key][0] <= order:
                self._kept[key] = (order, line)

    def set_aside(self, content: bytes) -> int:
        self._aside.append(content)
        return len(self._aside) - 1

    def aside(self, number: int) -> bytes:
        return self._aside[number]

    def lines(self) -> list[bytes]:
        """Gives the lines that survive, sorted by key."""
        newest: dict[KeyFields, int] = {}
        for key, (order, _) in self._kept.items():
            whole = fields_of(key)._replace(part=0)
            newest[whole] = max(order, newest.get(whole, order))
        return [
            line
            for key, (order, line) in sorted(self._kept.items())
            if fields_of(key).kind != RELATION or newest[fields_of(key)._replace(part=0)] == order
        ]

    def values(self, collection: str, relation: str | None = None) -> dict[str, Any]:
        """Gives the values of a collection's objects or of one of its relations, by id."""
        found: dict[str, Any] = {}
        for line in map(json.loads, self.lines()):
            if line["collection"] == collection and line.get("relation") == relation and "stream" not in line:
                if relation is None:
                    found[line["id"]] = line["value"]
                else:
                    found.setdefault(line["id"], []).extend(line["value"])
        return found
