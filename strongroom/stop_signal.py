"""SIGTERM for a run: an order to end, from the program's first moment on, and nothing once the result stands."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


def heed() -> None:
    """From here on, SIGTERM does what Ctrl-C does: what is under way ends in order, and the failure is signed for."""
    signal.signal(signal.SIGTERM, _interrupt)


def ignore() -> None:
    """From here on, neither counts: what was to be done is done, and only its end is awaited."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def heeded() -> Iterator[None]:
    """Heeds SIGTERM within; afterwards both signals do what they did, unless the program heeds from its start."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    heed()
    try:
        yield
    finally:
        if before[signal.SIGTERM] is not _interrupt:
            for number, handler in before.items():
                signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a shell's background process
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)
