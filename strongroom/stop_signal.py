"""SIGTERM and SIGHUP: an order to end, from the program's first moment on, and nothing once the result stands."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_ORDERS = (signal.SIGTERM, signal.SIGHUP)
"""What a service manager and a terminal that closes send; the second is ignored where `nohup` said so."""
_ALL = (*_ORDERS, signal.SIGINT)


def heed() -> None:
    """From here on, both do what Ctrl-C does: what is under way ends in order, and nothing half-made stays."""
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _interrupt)


def ignore() -> None:
    """From here on, none of them counts: what was to be done is done, and only its end is awaited."""
    for number in _ALL:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def heeded() -> Iterator[None]:
    """Heeds both within; afterwards all signals do what they did, unless the program heeds from its start."""
    before = {number: signal.getsignal(number) for number in _ALL}
    heed()
    try:
        yield
    finally:
        if before[signal.SIGTERM] is not _interrupt:
            for number, handler in before.items():
                signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    for number in _ORDERS:
        if signal.getsignal(number) is _interrupt:  # `timeout` sends its order twice: the second would cut off the end
            signal.signal(number, signal.SIG_IGN)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a shell's background process
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)
