"""Patience: how often, and for how long, one question is put to Graph again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a read is tried: `attempts` at faults, `deadline_seconds` in all, throttling included.

    `silence_seconds`: without an answer to anybody, before one question that may take `probe_seconds` decides
    whether Graph is there at all.
    """

    attempts: int = 8
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 30.0
    deadline_seconds: float = 1800.0
    silence_seconds: float = 600.0
    probe_seconds: float = 30.0

    def wait_after(self, attempt: int) -> float:
        """Gives the seconds to wait after the `attempt`-th fault, counted from 1."""
        return min(self.longest_wait_seconds, self.first_wait_seconds * 2.0 ** (attempt - 1))
