"""Whether Graph is there at all: the difference between a collection that can't be read and a run that is over.

A read that fails is asked again, and then is a gap. When nobody gets an answer any more, asking on would take
each of some hundred reads through all of its patience; so one plain question decides, and what is still to be
read fails at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from archiver.graph.errors import GraphUnreachableError, MalformedPageError


class Presence:
    """What is known of Graph's being there; `probe` asks it one question that it has answered before.

    Silence is measured from the first question that got no answer since somebody got one, so that waiting for
    a throttled bucket is no silence. A probe that fails or takes `probe_seconds` settles it: Graph is lost.
    """

    def __init__(
        self,
        probe: Callable[[], Awaitable[object]],
        *,
        silence_seconds: float,
        probe_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._probe = probe
        self._silence_seconds = silence_seconds
        self._probe_seconds = probe_seconds
        self._clock = clock
        self._heard_at: float | None = None
        self._silent_since: float | None = None
        self._lost: GraphUnreachableError | None = None
        self._probing = asyncio.Lock()

    def heard(self) -> None:
        """Says that an answer came, whatever it was."""
        self._heard_at = self._clock()
        self._silent_since = None

    def unheard(self, asked_at: float) -> None:
        """Says that a question that was sent at `asked_at` got no answer."""
        if self._silent_since is None:
            self._silent_since = asked_at if self._heard_at is None else max(asked_at, self._heard_at)

    def require(self) -> None:
        """Raises GraphUnreachableError once Graph is lost: nothing more is sent."""
        if self._lost is not None:
            raise GraphUnreachableError(self._lost.message, next_step=self._lost.next_step)

    async def doubt(self, error: GraphUnreachableError, *, giving_up: bool) -> None:
        """Decides after a question without answer; `giving_up`: its patience is at its end.

        Raises:
            GraphUnreachableError: Graph is lost, or was never there and has been silent for too long.
        """
        self.require()
        if not giving_up and self._silence() < self._silence_seconds:
            return
        if self._heard_at is None:
            raise error
        async with self._probing:
            self.require()
            if self._silent_since is not None and not await self._answers():
                self._lost = GraphUnreachableError(
                    f"Graph is given up, nobody has had an answer for {self._silence():.0f} s: {error.message}",
                    next_step=error.next_step,
                )
                raise self._lost

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(self._probe_seconds):
                await self._probe()
        except MalformedPageError:
            pass  # an answer all the same
        except (GraphUnreachableError, TimeoutError):
            return False
        self.heard()
        return True

    def _silence(self) -> float:
        return 0.0 if self._silent_since is None else self._clock() - self._silent_since
