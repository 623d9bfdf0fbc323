"""An event loop that a signal ends in order: it cancels the main task, and never interrupts the loop itself.

An exception that a signal's handler raises between the step that the loop took off its list and the beginning of that
step loses the step; the task that it belongs to is never stepped again, and whoever waits for its end waits for ever.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TypeVar

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_Handler = Callable[[int, FrameType | None], Any]
Result = TypeVar("Result")


def run_interruptibly(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Runs `work` in a loop of its own. Of the signals that end the program, the first that has a handler cancels it;
    when it and all its tasks have ended, that handler does what it does. Those that come meanwhile change nothing.

    Raises:
        KeyboardInterrupt: a signal came; whatever else came of the work gives way to it.
    """
    order = _Order()
    with order.taken(), asyncio.Runner() as runner:
        order.loop = runner.get_loop()
        return runner.run(order.heeded_by(work))


class _Order:
    """The first signal that came, and the task that it ends."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self._number: int | None = None
        self._task: asyncio.Task[Any] | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Takes the signals in place of their handlers, where these are Python's to call; hands on the first one."""
        before = _handlers()
        try:
            for number in before:
                signal.signal(number, self._take)
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            if self._number is not None:
                before[self._number](self._number, None)
                raise KeyboardInterrupt

    async def heeded_by(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """The work as the task that a signal cancels, also one that came before there was a task."""
        self._task = asyncio.current_task()
        if self._number is not None:
            raise asyncio.CancelledError
        return await work()

    def _take(self, number: int, _: FrameType | None) -> None:
        if self._number is not None:
            return
        self._number = number
        if self.loop is not None:
            with suppress(RuntimeError):  # closed: all is done
                self.loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


def _handlers() -> dict[int, _Handler]:
    """The handlers that Python calls; only its main thread may set others."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    found = {number: signal.getsignal(number) for number in _SIGNALS}
    return {number: handler for number, handler in found.items() if callable(handler)}
