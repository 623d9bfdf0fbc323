"""Programs run with no more rights than a file's owner has, also where the tests are run by root, and with limits."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

_SECONDS = 60


def run_unprivileged(
    command: Sequence[str], folder: Path, bytes_a_file: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command in `folder` without a superuser's rights, and gives what came of it.

    `bytes_a_file`: no file may grow longer; the kernel then refuses in the middle of a write, as a full disk does.
    """
    prefix: list[str] = []
    if os.getuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("setpriv is absent, and these tests are run by root, who may do everything")
        prefix = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]

    def limit() -> None:
        if bytes_a_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_a_file, bytes_a_file))

    return subprocess.run(
        [*prefix, *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
        preexec_fn=limit,
    )
