"""The README says what happens: its lines run as they stand, and the demo prints what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

NUMBERS = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}|\d[\d,.]*")
"""What differs from run to run: digests, sizes, times."""


def block_after(text: str, words: str) -> list[str]:
    """The lines of the first fenced block behind these words."""
    match = re.compile(r"```\w*\n(.*?)```", re.DOTALL).search(text, text.index(words))
    assert match is not None
    return match[1].splitlines()


def shape_of(line: str) -> str:
    """A line without what differs from run to run and from machine to machine."""
    line = line.replace("in a namespace without any network", "which opens no socket")
    line = line.replace("without any network", "which opens no socket")
    return " ".join(NUMBERS.sub("N", line).split())


@pytest.mark.slow
def test_the_demo_prints_what_the_readme_shows(repository: Path, tmp_path: Path) -> None:
    """A sceptic compares the two first."""
    shown = block_after((repository / "README.md").read_text(encoding="utf-8"), "It prints this")
    command = [sys.executable, "-m", "strongroom", "demo", "--dir", str(tmp_path / "demo")]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True, timeout=300)
    printed = [shape_of(line) for line in (done.stderr + done.stdout).splitlines()]
    start = printed.index(shape_of(shown[0]))
    assert printed[start : start + len(shown)] == [shape_of(line) for line in shown]


def test_the_libraries_of_the_verifier_are_taken_from_the_lock_with_their_hashes(repository: Path) -> None:
    """What an offline laptop installs is what was locked, and all that the two libraries are built on."""
    text = (repository / "README.md").read_text(encoding="utf-8")
    (line,) = (line for line in text.splitlines() if line.startswith("$ awk "))
    command = line.removeprefix("$ ").removesuffix(" > verifier.txt")
    done = subprocess.run(["bash", "-c", command], cwd=repository, capture_output=True, text=True, check=True)
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", done.stdout, flags=re.MULTILINE))
    needed, found = ["cryptography", "zstandard"], set[str]()
    while needed:
        name = needed.pop()
        found.add(name)
        asked = map(Requirement, requires(name) or ())
        needed += [one.name for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
    assert locked == {name: version(name) for name in found}
    assert done.stdout.count("--hash=sha256:") > len(locked)


@pytest.mark.slow
def test_every_line_of_the_walk_by_hand_runs_when_it_is_copied(repository: Path, tmp_path: Path) -> None:
    """Somebody has fifteen minutes for this program; a line that fails ends them."""
    block = block_after((repository / "README.md").read_text(encoding="utf-8"), "## First archive, by hand")
    lines = [line.removeprefix("$ ") for line in block]
    assert lines[0].startswith("make demo") and len(lines) > 10
    script = "".join(f'{line}\necho "@@ $?"\n' for line in lines[1:])
    environment = {**os.environ, "HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment.pop("STRONGROOM_CONFIG", None)
    done = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    statuses = [int(line[3:]) for line in done.stdout.splitlines() if line.startswith("@@ ")]
    promised = [int(found[1]) if (found := re.search(r"# exit (\d+)", line)) else 0 for line in lines[1:]]
    assert list(zip(lines[1:], statuses, strict=True)) == list(zip(lines[1:], promised, strict=True)), done.stderr
    assert (tmp_path / "strongroom-trial" / "difference.html").is_file()
