"""Where input lies: made once for a size of tenant, both days at once, before anything is timed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

from tests.bench.day import Day
from tests.bench.input import write_day, write_lines

DAYS = (0, 1)


class InputFolder:
    """Inputs by number of users; an input that is there already is used again."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._say = say

    def whole(self, users: int) -> Path:
        """Pages of both days (`day0`, `day1`), and lines for the peers (`lines0`, `lines1`)."""
        return self._made(self._folder / f"input-{users}", users, DAYS, with_lines=True)

    def first_day(self, users: int) -> Path:
        """Pages of the first day alone (`day0`), of a whole input if there is one."""
        whole = self._folder / f"input-{users}"
        if (whole / "made").exists():
            return whole
        return self._made(self._folder / f"first-day-{users}", users, DAYS[:1], with_lines=False)

    def drop_first_day(self, users: int) -> None:
        """Removes what only `first_day` needed."""
        shutil.rmtree(self._folder / f"first-day-{users}", ignore_errors=True)

    def _made(self, base: Path, users: int, days: tuple[int, ...], *, with_lines: bool) -> Path:
        if (base / "made").exists():
            return base
        self._say(f"making the pages of {users:,} users (not timed)")
        shutil.rmtree(base, ignore_errors=True)
        context = get_context("fork")
        makers = [context.Process(target=_make, args=(base, users, day, with_lines)) for day in days]
        for maker in makers:
            maker.start()
        for maker in makers:
            maker.join()
        if any(maker.exitcode for maker in makers):
            raise RuntimeError(f"the input in {base} was not made")
        (base / "made").touch()
        os.sync()
        return base


def _make(base: Path, users: int, day: int, with_lines: bool) -> None:
    write_day(base / f"day{day}", users, day)
    if with_lines:
        write_lines(Day(base / f"day{day}"), base / f"lines{day}")
