"""Signals that end the program: heeded from its first moment on, once, and not at all once the result stands."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

_ORDERS = (signal.SIGTERM, signal.SIGHUP)
"""What a service manager and a terminal that closes send; the second is ignored where `nohup` said so."""
_ALL = (*_ORDERS, signal.SIGINT)


def heed() -> None:
    """From here on, all do what Ctrl-C does: what is under way ends in order, and nothing half-made stays.

    Only the first one counts: a second would cut off that end. SIGQUIT and SIGKILL end what hangs.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _interrupt)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def ignore() -> None:
    """From here on, none of them counts: what was to be done is done, and only its end is awaited."""
    with suppress(KeyboardInterrupt):  # one that came before this could say so
        _set(_ALL, _past)
    _set(_ALL, _past)
    _set(_ALL, signal.SIG_IGN)


def keep_status() -> None:
    """Has the exit status count after an interrupt that was caught.

    Python dies of SIGINT in its place if the interrupt came through code that was compiled on the way, such as a
    dataclass's; any code that is compiled and ends well takes that back.
    """
    eval("0")


@contextmanager
def heeded() -> Iterator[None]:
    """Heeds them within; afterwards all signals do what they did, unless the program heeds from its start.

    While an event loop runs, `archiver.interruptible_loop` holds them back until it has ended in order.
    """
    before = {number: signal.getsignal(number) for number in _ALL}
    heed()
    try:
        yield
    finally:
        if before[signal.SIGTERM] is not _interrupt:
            for number, handler in before.items():
                signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    _set([number for number in _ORDERS if signal.getsignal(number) is _interrupt], _past)  # `timeout` orders twice
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a shell's background process
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)


def _end(*_: object) -> None:
    _set([number for number in _ALL if signal.getsignal(number) in (_interrupt, _end)], _past)
    raise KeyboardInterrupt


def _past(*_: object) -> None:
    """Takes a signal that came too late. Of one that came already and is ignored since then, Python complains."""


def _set(numbers: Iterable[signal.Signals], handler: Callable[..., None] | signal.Handlers) -> None:
    for number in numbers:
        signal.signal(number, handler)
