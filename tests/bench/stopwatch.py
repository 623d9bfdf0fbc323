"""Where the time of one process and its workers goes, stage by stage.

Walls are of the parent; shares are summed over all processes in memory that they inherit by fork. Functions
are wrapped where the archiver looks them up, a page or a range of keys at a time, so that timing costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from multiprocessing import get_context
from time import perf_counter, thread_time
from types import ModuleType
from typing import Any


class Stopwatch:
    """Named walls, and named shares of processor time."""

    def __init__(self, shares: tuple[str, ...]) -> None:
        self.walls: dict[str, float] = {}
        context = get_context("fork")
        self._shares = {name: context.Value("d", 0.0) for name in shares}

    @property
    def shares(self) -> dict[str, float]:
        """Seconds of processor time by name, over all processes."""
        return {name: share.value for name, share in self._shares.items()}

    @contextmanager
    def wall(self, name: str) -> Iterator[None]:
        """Adds the time that passes within."""
        start = perf_counter()
        try:
            yield
        finally:
            self.walls[name] = self.walls.get(name, 0.0) + perf_counter() - start

    @contextmanager
    def share(self, name: str) -> Iterator[None]:
        """Adds this thread's processor time within."""
        start = thread_time()
        try:
            yield
        finally:
            share = self._shares[name]
            with share.get_lock():
                share.value += thread_time() - start

    def time_share(self, owner: ModuleType | type, attribute: str, name: str) -> None:
        """Wraps a function or method, which keeps its name for pickling; what a generator yields is made within."""
        function = getattr(owner, attribute)

        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.share(name):
                result = function(*args, **kwargs)
                return list(result) if isinstance(result, Iterator) else result

        setattr(owner, attribute, timed)

    def time_wall(self, owner: ModuleType | type, attribute: str, name: str) -> None:
        """Wraps a function whose calls are a stage of the parent."""
        function: Callable[..., Any] = getattr(owner, attribute)

        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.wall(name):
                return function(*args, **kwargs)

        setattr(owner, attribute, timed)
