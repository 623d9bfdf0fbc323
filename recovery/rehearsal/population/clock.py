"""The tenant's present."""

from __future__ import annotations

from recovery.rehearsal.population.entropy import REFERENCE_SECONDS

SECONDS_A_MINUTE, SECONDS_A_DAY = 60, 86_400
MIDDAY_SECONDS = SECONDS_A_DAY // 2


class Clock:
    """Stands at noon of the tenant's first day, and moves only when somebody lets time pass."""

    def __init__(self) -> None:
        self._passed = 0

    @property
    def seconds(self) -> int:
        """The present as Unix time."""
        return REFERENCE_SECONDS + MIDDAY_SECONDS + self._passed

    @property
    def day(self) -> int:
        """The number of today; the first day is 0."""
        return (MIDDAY_SECONDS + self._passed) // SECONDS_A_DAY

    def move_on(self, seconds: int) -> None:
        """Lets time pass."""
        self._passed += seconds
