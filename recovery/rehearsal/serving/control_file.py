"""The file through which another process of the same user finds a simulated tenant that is running."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from recovery.rehearsal.errors import SimulatorStartError
from recovery.rehearsal.serving.certificates import write_private
from recovery.rehearsal.serving.process import RunningTenant

CONTROL_FILE = "control.json"
MAX_CONTROL_FILE_BYTES = 64 * 1024


def write_control_file(directory: Path, details: Mapping[str, str]) -> None:
    """Leaves what `Server.details` says in `directory`, for the owner only: the control token is in it."""
    document = {**details, "process_id": os.getpid()}
    write_private(directory / CONTROL_FILE, (json.dumps(document, indent=1) + "\n").encode())


def remove_control_file(directory: Path) -> None:
    """Takes it away when the tenant stops."""
    (directory / CONTROL_FILE).unlink(missing_ok=True)


def tenant_in(directory: Path) -> RunningTenant:
    """Gives the simulated tenant that runs with its files in `directory`; whether it answers is not tried.

    Raises: SimulatorStartError when none does.
    """
    try:
        with (directory / CONTROL_FILE).open("rb") as file:
            details = json.loads(file.read(MAX_CONTROL_FILE_BYTES))
        return RunningTenant(details, int(details["process_id"]))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise SimulatorStartError(
            f"no simulated tenant runs with its files in {directory}",
            next_step=f"Start one with `strongroom tenant simulate --dir {directory}`, or name another folder.",
        ) from error
