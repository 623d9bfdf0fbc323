"""What a worker process of the spool is: its life, its memory, and the work that it is sent."""

from __future__ import annotations

import ctypes
import gc
import signal
import sys
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from vault.errors import SpoolError
from vault.spooling.freed_memory import give_memory_back
from vault.spooling.handover import Handover, Slot
from vault.spooling.spool_run import Run, SpoolWriter

_PR_SET_PDEATHSIG = 1  # linux/prctl.h

T = TypeVar("T")


class _Worker(NamedTuple):
    writer: SpoolWriter
    handover: Handover


_worker: _Worker | None = None


def start_worker(writer: SpoolWriter, handover: Handover) -> None:
    """Makes this forked process a worker. The collector is off: workers build large, acyclic lists all day long."""
    global _worker
    _die_with_parent()
    gc.disable()
    _worker = _Worker(writer, handover)


def work_with_writer(work: Callable[..., T], *args: object) -> T:
    """Runs `work(writer, *args)`; what was handed over stands in `args` as its slot."""
    worker = _this_worker()
    return work(worker.writer, *[_received(worker.handover, argument) for argument in args])


def finish_writing() -> tuple[Run, ...]:
    """Writes what this worker still gathers, and returns all of its runs. Nothing is handed over afterwards."""
    worker = _this_worker()
    runs = worker.writer.finish()
    worker.handover.close()
    give_memory_back()
    return runs


def _this_worker() -> _Worker:
    if _worker is None:
        raise SpoolError("this process is no worker of the spool")
    return _worker


def _received(handover: Handover, argument: object) -> object:
    if type(argument) is Slot:
        return handover.content_of(argument)
    if type(argument) is list or type(argument) is tuple:
        return type(argument)(_received(handover, one) for one in argument)
    return argument


def _die_with_parent() -> None:
    """Asks the kernel to end this worker when the run is killed; it holds both ends of its own pipes and would
    wait for work forever (prctl(2), Linux only; elsewhere a killed run leaves idle workers).
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
