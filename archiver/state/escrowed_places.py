"""Which places had an escrowed secret in the snapshots of the last 30 days, so that each one that goes is missed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from archiver.baseline import MONTH
from vault.durable import write_file
from verify.errors import MalformedError
from verify.small_file import small_file
from verify.strict_json import text_of_time, time_of

MAX_BYTES = 16 * 1024 * 1024
"""Ours: a place and its time have about 150 bytes, and somebody escrowed each by hand or by a script of theirs."""

_TIMES = msgspec.json.Decoder(dict[str, str])


class EscrowedPlaces:
    """Names of places, each with when a snapshot had it last, in one file that need not exist."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def gone(self, present: Collection[str], taken_at: datetime) -> list[str]:
        """Names the places that a snapshot of the last 30 days had, and this one of `taken_at` has not.

        Raises:
            OSError: the file can't be read.
            MalformedError: it is damaged.
        """
        return sorted(set(self._lately(taken_at)) - set(present))

    def keep(self, present: Collection[str], gone: Collection[str], taken_at: datetime) -> None:
        """Notes what this snapshot has; what is gone keeps its time. Raises OSError, MalformedError."""
        before = self._lately(taken_at) if gone else {}
        times = {name: before[name] for name in gone} | dict.fromkeys(present, taken_at)
        if times or self._file.exists():
            texts = {name: text_of_time(at) for name, at in sorted(times.items())}
            write_file(self._file, msgspec.json.encode(texts) + b"\n")

    def _lately(self, taken_at: datetime) -> Mapping[str, datetime]:
        """A time in the future, by a clock that was wrong, counts as this moment."""
        try:
            content = small_file(self._file, MAX_BYTES)
        except FileNotFoundError:
            return {}
        try:
            if len(content) > MAX_BYTES:
                raise ValueError("too long")
            times = {name: min(time_of(text), taken_at) for name, text in _TIMES.decode(content).items()}
        except (msgspec.MsgspecError, ValueError, MalformedError) as error:
            raise MalformedError(f"{self._file} is damaged") from error
        return {name: at for name, at in times.items() if taken_at - at < MONTH}
