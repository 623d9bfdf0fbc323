"""The spool: where records wait, encrypted, until a run has read everything.

Records come in the order of Graph's pages and are sealed in the order of their keys, and a tenant does not
fit in memory. So each worker process sorts what it has gathered into *runs* on disk (`vault.spooling.spool_run`);
`vault.sealing.sorting` merges them, one range of keys at a time.

Whatever lies on disk here is encrypted under a key that lives in memory only. A run that is killed leaves
files that nobody can read; the next start sweeps them.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from threading import Lock
from typing import ParamSpec, Self, TypeVar

from vault.durable import remove_folder
from vault.errors import SpoolError
from vault.spooling.freed_memory import give_memory_back, keep_freed_memory
from vault.spooling.handover import Handover, Slot
from vault.spooling.spool_run import Run, SpoolWriter
from vault.spooling.worker import finish_writing, start_worker, work_with_writer

_CALL_BYTES = 64 * 1024
"""What a call weighs by itself when work is shared out, in bytes of text."""
_KEPT_BYTES = 64 * 1024 * 1024
"""Text that is handed out before what it has freed is given back."""
_SLOTS = 12
"""Pages that may lie in shared memory; a few more than a run lets wait."""
_WINDOW = 3
"""Pieces of work for each worker that may be under way in `in_order`: the oldest may take longest, and what comes
after it waits."""

T = TypeVar("T")
P = ParamSpec("P")


class Spool:
    """A folder of runs, the processes that fill it, and the key that makes them readable.

    `submit` runs `work(writer, *args)` in the least busy worker, until `finish` returns the runs. `call` runs a
    function without writer in any worker: merging uses the same processes. Leaving the context stops the
    workers and removes the folder.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        keep_freed_memory()
        self.folder = folder
        self.key = os.urandom(32)
        self.workers = workers
        try:
            with suppress(FileNotFoundError):
                remove_folder(folder)
            folder.mkdir(parents=True, mode=0o700)
        except OSError as error:
            raise SpoolError(f"the spool at {folder} can't be made: {error.strerror}") from error
        self._handover = Handover(_SLOTS)
        context = get_context("fork")
        self._pools = [
            ProcessPoolExecutor(
                1, context, initializer=start_worker, initargs=(SpoolWriter(folder, self.key, worker), self._handover)
            )
            for worker in range(workers)
        ]
        self._busy = [0] * workers
        self._sent_bytes = 0
        self._lock = Lock()  # results come back in threads of the pools
        for future in [pool.submit(os.getpid) for pool in self._pools]:
            future.result()

    def submit(self, work: Callable[..., T], /, *args: object) -> Future[T]:
        """Runs `work(writer, *args)` in a worker; `work` is a function of a module."""
        size = _bytes_in(args)
        self._sent_bytes += size
        if self._sent_bytes > _KEPT_BYTES:
            self._sent_bytes = 0
            give_memory_back()
        lent: list[Slot] = []
        sent = [self._lent(argument, lent) for argument in args]
        future = self._send(size, work_with_writer, work, *sent)
        future.add_done_callback(lambda _: self._take_back(lent))
        return future

    def each(self, work: Callable[..., T], /, *args: object) -> list[Future[T]]:
        """Runs `work(writer, *args)` in every worker, after what was submitted before."""
        return [pool.submit(work_with_writer, work, *args) for pool in self._pools]

    def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Runs `function(*args)` in a worker."""
        return self._send(_bytes_in(args), function, *args, **kwargs)

    def in_order(self, work: Iterable[Callable[[], Future[T]]]) -> Iterator[T]:
        """Starts pieces of work and yields their results in order, few at a time, so that memory does not grow."""
        window: deque[Future[T]] = deque()
        for start in work:
            window.append(start())
            if len(window) > _WINDOW * self.workers:
                yield window.popleft().result()
        while window:
            yield window.popleft().result()

    def finish(self) -> tuple[Run, ...]:
        """Waits for the writers and returns all runs."""
        last = [pool.submit(finish_writing) for pool in self._pools]
        runs = tuple(run for future in last for run in future.result())
        self._handover.close()
        give_memory_back()
        return runs

    def close(self) -> None:
        """Stops the workers and removes what they wrote."""
        for pool in self._pools:
            pool.shutdown(cancel_futures=True)
        with suppress(OSError):
            remove_folder(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lent(self, argument: object, lent: list[Slot]) -> object:
        """The argument with a slot, also noted in `lent`, in place of large bytes."""
        if isinstance(argument, bytes):
            slot = self._handover.lend(argument)
            if slot is None:
                return argument
            lent.append(slot)
            return slot
        if type(argument) is list or type(argument) is tuple:
            return type(argument)(self._lent(one, lent) for one in argument)
        return argument

    def _take_back(self, lent: list[Slot]) -> None:
        for slot in lent:
            self._handover.take_back(slot)

    def _send(self, size: int, function: Callable[..., T], /, *args: object, **kwargs: object) -> Future[T]:
        weight = _CALL_BYTES + size
        with self._lock:
            worker = min(range(self.workers), key=self._busy.__getitem__)
            self._busy[worker] += weight
        future = self._pools[worker].submit(function, *args, **kwargs)
        future.add_done_callback(lambda _: self._done(worker, weight))
        return future

    def _done(self, worker: int, weight: int) -> None:
        with self._lock:
            self._busy[worker] -= weight


def _bytes_in(value: object) -> int:
    """How much text stands in the arguments of a call: the measure of its work."""
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, list | tuple):
        return sum(map(_bytes_in, value))
    return 0
