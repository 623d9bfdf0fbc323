"""Work on all cores by fork and pipes; in order of arrival, in this process where there is no fork.

Threads would not help: hashing many short records holds the interpreter's lock. A worker takes the next task
from a pipe that all share, so that an unlucky split costs one task and no more.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import struct
from collections.abc import Callable, Iterator

from verify.errors import StrongroomError

MAX_TASKS = 4096
"""Four bytes each fit into the 16 KiB that a pipe holds at least, so that queueing never waits."""

_TASK = struct.Struct("<I")
_RESULT = struct.Struct("<II")
_READ_BYTES = 1024 * 1024
_DEFECT = 2**32 - 1
"""In place of a task's number: what follows is the text of an exception that `work` did not expect."""


def processes_for(tasks: int) -> int:
    """Returns how many processes are worth it: one for each core, none more than there are tasks."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(cores, tasks) if hasattr(os, "fork") else 1


def results_of(
    work: Callable[[int], bytes], tasks: int, meanwhile: Callable[[], None] | None = None, *, fork: bool = True
) -> Iterator[tuple[int, bytes]]:
    """Yields (task, result) for every task from 0 to `tasks` - 1, in the order in which they end.

    `work` must catch what it expects to go wrong. `meanwhile` runs once in this process while the workers work.
    Without `fork`, everything is done in this process.

    Raises:
        StrongroomError: a worker ended without finishing: killed, out of memory, or a defect in `work`.
    """
    processes = processes_for(tasks) if fork else 1
    if processes < 2 or tasks > MAX_TASKS:
        if meanwhile:
            meanwhile()
        for task in range(tasks):
            yield task, work(task)
        return
    crew = _Crew(work, tasks, processes)
    try:
        if meanwhile:
            meanwhile()
        yield from crew.results()
    finally:
        crew.dismiss()


class _Crew:
    """Forked workers and the pipes to them."""

    def __init__(self, work: Callable[[int], bytes], tasks: int, processes: int) -> None:
        self._tasks = tasks
        self._workers: dict[int, int] = {}
        queue, fill = os.pipe()
        os.write(fill, b"".join(_TASK.pack(task) for task in range(tasks)))
        os.close(fill)
        gc.collect()
        gc.freeze()  # a collection in a worker would copy pages that all could share
        try:
            for _ in range(processes):
                self._start(work, queue)
        finally:
            gc.unfreeze()
            os.close(queue)

    def _start(self, work: Callable[[int], bytes], queue: int) -> None:
        results, send = os.pipe()
        worker = os.fork()
        if worker == 0:
            status = 1
            try:
                gc.disable()
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                os.close(results)
                _serve(work, queue, send)
                status = 0
            except Exception as error:
                _send(send, _DEFECT, f"{type(error).__name__}: {error}".encode("utf-8", "replace")[:4096])
            finally:
                os._exit(status)
        os.close(send)
        self._workers[results] = worker

    def results(self) -> Iterator[tuple[int, bytes]]:
        """Yields what the workers send until all have ended."""
        poll = select.poll()
        held: dict[int, bytearray] = {results: bytearray() for results in self._workers}
        for results in held:
            poll.register(results, select.POLLIN)
        done = 0
        while held:
            for results, _ in poll.poll():
                content = os.read(results, _READ_BYTES)
                if not content:
                    poll.unregister(results)
                    del held[results]
                    continue
                held[results] += content
                for task, result in _whole_results(held[results]):
                    if task == _DEFECT:
                        raise StrongroomError(f"a worker process failed: {result.decode('utf-8', 'replace')}")
                    done += 1
                    yield task, result
        if done != self._tasks:
            raise StrongroomError(
                f"a worker process ended after {done} of {self._tasks} tasks",
                next_step="Look for a lack of memory; if there was none, report this as a defect.",
            )

    def dismiss(self) -> None:
        """Ends workers that still run and collects all."""
        for results, worker in self._workers.items():
            os.close(results)
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)


def _serve(work: Callable[[int], bytes], queue: int, send: int) -> None:
    while task := os.read(queue, _TASK.size):
        number = _TASK.unpack(task)[0]
        _send(send, number, work(number))


def _send(send: int, number: int, result: bytes) -> None:
    content = memoryview(_RESULT.pack(number, len(result)) + result)
    while content:
        content = content[os.write(send, content) :]


def _whole_results(held: bytearray) -> Iterator[tuple[int, bytes]]:
    """Takes all whole results out of `held`."""
    while len(held) >= _RESULT.size:
        task, length = _RESULT.unpack_from(held)
        end = _RESULT.size + length
        if len(held) < end:
            return
        yield task, bytes(held[_RESULT.size : end])
        del held[:end]
