"""The systemd unit is one that systemd takes, and keeps the service in bounds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXECUTABLE = "/opt/strongroom/bin/strongroom"
MAX_EXPOSURE = 2.0  # of 10, systemd-analyze security; "OK" ends at 3.9
UNIT = "strongroom-archiver.service"


@pytest.fixture
def unit(repository: Path, tmp_path: Path) -> Path:
    """The unit with an executable that exists here, which is what `systemd-analyze verify` looks for."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is absent")
    text = (repository / "deploy/systemd" / UNIT).read_text()
    assert text.count(f"ExecStart={EXECUTABLE} daemon ") == 1
    copy = tmp_path / UNIT
    copy.write_text(text.replace(EXECUTABLE, sys.executable))
    return copy


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_systemd_takes_the_unit(unit: Path) -> None:
    """An unknown directive is ignored by systemd with a line in the journal: a bound that is not there."""
    done = analyze("verify", str(unit))
    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_is_in_bounds(unit: Path) -> None:
    """The archive host is assumed to be attacked; the service should be a poor place to attack it from."""
    done = analyze("security", "--offline=true", "--no-pager", str(unit))
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= MAX_EXPOSURE


def test_every_bound_has_its_reason(repository: Path) -> None:
    """A bound without a reason is the first to go when something breaks."""
    lines = (repository / "deploy/systemd" / UNIT).read_text().splitlines()
    service = lines[lines.index("[Service]") : lines.index("[Install]")]
    paragraphs = re.split(r"\n\s*\n", "\n".join(service[1:]))
    without = [paragraph for paragraph in paragraphs[1:] if "\n" in paragraph and not paragraph.startswith("#")]
    assert without == []
