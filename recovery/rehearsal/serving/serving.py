"""Serves a simulated tenant from this process until somebody tells it to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable
from pathlib import Path

from recovery.rehearsal.errors import SimulatorStartError
from recovery.rehearsal.serving.control_file import remove_control_file, write_control_file
from recovery.rehearsal.serving.folder_lock import FolderLock
from recovery.rehearsal.serving.options import Options
from recovery.rehearsal.serving.server import Server


def server_in(directory: Path, options: Options) -> Server:
    """Makes a tenant with its files in `directory`, which is made too; it does not listen yet.

    Raises:
        SimulatorStartError: the port is taken or not for this account, or the files can't be written.
        FolderInUseError: another simulated tenant runs there; its files stay as they are.
        ValueError: there can't be a tenant of so many users.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FolderLock(directory)
        try:
            server = Server(directory, options, lock)
        except BaseException:
            lock.release()
            raise
    except OSError as error:
        if error.filename is None:  # a socket has no name
            raise _unheard(options, error) from error
        raise SimulatorStartError(
            f"{directory} can't be written: {error.strerror}", next_step="Name another folder with --dir."
        ) from error
    # The tenant's objects live as long as the process; the collector would only walk over them in vain.
    gc.collect()
    gc.freeze()
    return server


def serve(server: Server, ready: Callable[[], None]) -> None:
    """Listens, calls `ready`, and serves until SIGTERM or SIGINT; meanwhile `tenant_in` finds the tenant.

    Raises:
        SimulatorStartError: the port was taken meanwhile.
    """
    asyncio.run(_served(server, ready))


async def _served(server: Server, ready: Callable[[], None]) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        await server.start()
    except OSError as error:
        raise _unheard(server.options, error) from error
    try:
        write_control_file(server.directory, server.details())
        ready()
        await stopped.wait()
    finally:
        remove_control_file(server.directory)
        await server.stop()
        server.lock.release()


def _unheard(options: Options, error: OSError) -> SimulatorStartError:
    return SimulatorStartError(
        f"can't listen on {options.host}:{options.port}: {error.strerror}",
        next_step="Choose another port with --port; --port 0 takes a free one.",
    )
