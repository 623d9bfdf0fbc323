"""The verifier by itself: a copy of its folder, its two dependencies, and no way to a network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import cryptography
import pytest
import zstandard

from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.crew import sound_story

_FORBIDDEN = (
    "asyncio", "concurrent.futures.process", "http", "multiprocessing", "socket", "ssl", "subprocess", "urllib.request",
)  # fmt: skip
_PROGRAM = """
import json, runpy, sys
sys.path[:0] = json.loads(sys.argv.pop(1))
try:
    runpy.run_module("verify", run_name="__main__", alter_sys=True)
except SystemExit as end:
    status = end.code
print(json.dumps({"status": status, "modules": sorted(sys.modules)}), file=sys.stderr)
"""


@pytest.fixture
def archive(tmp_path: Path) -> ForgedArchive:
    """A sound archive with both kinds of recipient."""
    return forge(tmp_path / "forged", sound_story())


@pytest.fixture
def folders(tmp_path: Path, repository: Path) -> list[str]:
    """A copy of verify/, and a folder with its two dependencies and what they are built on."""
    alone, packages = tmp_path / "alone", tmp_path / "packages"
    shutil.copytree(repository / "verify", alone / "verify", ignore=shutil.ignore_patterns("__pycache__"))
    packages.mkdir()
    site = Path(cryptography.__file__).parents[1]
    for name in ("cryptography", "zstandard", *(path.name for path in site.glob("*cffi*"))):
        (packages / name).symlink_to(site / name)
    assert Path(zstandard.__file__).parents[1] == site
    return [str(alone), str(packages)]


def test_a_copied_folder_verifies_without_anything_else(
    archive: ForgedArchive, folders: list[str], tmp_path: Path
) -> None:
    """The reader must outlive the product: no module of ours, no network module, on a machine without it."""
    words = [
        str(archive.path), "--trust", str(archive.trust_root_path), "--identity", str(archive.identity_path),
        "--snapshot", "all", "--json", "--remember", str(tmp_path / "memory.json"),
    ]  # fmt: skip
    command = [sys.executable, "-S", "-E", "-c", _PROGRAM, json.dumps(folders), *words]
    run = subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    end = json.loads(run.stderr)
    assert (end["status"], json.loads(run.stdout)["verdict"]) == (0, "PASS")
    modules = set(end["modules"])
    assert modules.isdisjoint(_FORBIDDEN), modules & set(_FORBIDDEN)
    assert modules.isdisjoint({"archiver", "config", "recovery", "strongroom", "vault"})


def test_a_traceback_is_never_shown(archive: ForgedArchive, folders: list[str], tmp_path: Path) -> None:
    """Whatever is there: here, a directory where the newest checkpoint must be, and no permission needed."""
    checkpoint = archive.path / "log" / "checkpoints" / "00000007"
    checkpoint.unlink()
    checkpoint.mkdir()
    command = [sys.executable, "-S", "-E", "-c", _PROGRAM, json.dumps(folders), str(archive.path)]
    run = subprocess.run(
        [*command, "--trust", str(archive.trust_root_path)], check=True, capture_output=True, cwd=tmp_path
    )
    assert b"Traceback" not in run.stderr + run.stdout
