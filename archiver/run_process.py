"""One run in a process of its own: what it took of memory goes with it, and killing it kills nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from archiver.run_error import RunError

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""Bytes of the run's JSON that are read; with a thousand gaps it is under 1 MiB."""


class RunEnd(NamedTuple):
    """How a run ended. `status` is its exit status, negative for the signal that killed it."""

    status: int
    document: dict[str, Any]

    @property
    def error(self) -> RunError | None:
        """Why the run sealed nothing; None if it did."""
        if self.status in (0, 3):
            return None
        if self.status < 0:
            return RunError.of_signal(-self.status)
        error = self.document.get("error")
        if not isinstance(error, dict):
            return RunError("Unknown", self.status, f"the run ended with {self.status}")
        return RunError(error.get("class"), error.get("code"), error.get("message"))


class RunProcess:
    """A run that has been started. Its talk goes where ours goes, its result is kept for `end`.

    It has a session of its own, so that Ctrl-C at the service's terminal does not reach it.
    """

    def __init__(self, command: Sequence[str], ended: Callable[[], None]) -> None:
        """Starts `command`; `ended` is called from another thread when it is over. Raises OSError."""
        # A file and no pipe: a worker that outlives a killed run would hold a pipe open. `end` closes it.
        self._output = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=self._output, start_new_session=True
            )
        except OSError:
            self._output.close()
            raise
        self.pid = self._process.pid
        self._waiter = threading.Thread(target=self._wait, args=[ended], name="run", daemon=True)
        self._waiter.start()

    def terminate(self) -> None:
        """Asks the run to end."""
        self._process.terminate()

    def kill(self) -> None:
        """Ends the run, whatever it does; its state survives that."""
        self._process.kill()

    def end(self) -> RunEnd:
        """Waits for the end and returns it."""
        self._waiter.join()
        if self._process.returncode < 0:
            self._sweep()
        with self._output as output:
            output.seek(0)
            content = output.read(MAX_DOCUMENT_BYTES)
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            document = {}
        return RunEnd(self._process.returncode, document if isinstance(document, dict) else {})

    def _sweep(self) -> None:
        """Ends the workers of a run that was killed before it could end them; they are in its own group."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def _wait(self, ended: Callable[[], None]) -> None:
        self._process.wait()
        ended()
