"""verify/ runs from a copy of its folder, with its two dependencies and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import zstandard

SITE_PACKAGES = Path(zstandard.__file__).parent.parent
# Runs `python -m verify ARGUMENTS` where only the standard library without its network, the copied folder,
# cryptography (with cffi, which it brings) and zstandard can be imported. pathlib imports urllib.parse.
ALONE = """
import runpy, sys
ALLOWED = {"verify", "cryptography", "zstandard", "cffi", "_cffi_backend", "pycparser"}
NETWORK = {"socket", "_socket", "ssl", "_ssl", "http", "asyncio", "multiprocessing", "urllib.request"}
class Gate:
    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if name in NETWORK or root in NETWORK or not (root in sys.stdlib_module_names or root in ALLOWED):
            raise ModuleNotFoundError(f"{name} is not there on a machine that only verifies", name=name)
        return None
sys.meta_path.insert(0, Gate())
sys.path += [sys.argv.pop(1), sys.argv.pop(1)]
sys.argv[0] = "verify"
runpy.run_module("verify", run_name="__main__", alter_sys=True)
"""


def run_alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m verify` from a copy of verify/ in `folder`, which is the working directory."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", ALONE, str(folder), str(SITE_PACKAGES), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def copied(repository: Path, folder: Path) -> Path:
    shutil.copytree(repository / "verify", folder / "verify", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_the_verifier_runs_from_a_copy_of_its_folder(repository: Path, tmp_path: Path) -> None:
    """On the day of need there is a laptop without an index, and the folder from a medium."""
    done = run_alone(copied(repository, tmp_path), "--help")
    assert done.returncode == 0, done.stderr
    assert "--trust" in done.stdout


def test_the_verifier_alone_refuses_a_url(repository: Path, tmp_path: Path) -> None:
    """Without a network a URL can't be read; the error names the command that brings the archive here."""
    done = run_alone(copied(repository, tmp_path), "s3://bucket/archive", "--trust", "sha256:" + "0" * 64)
    assert done.returncode == 2, done.stderr
    assert "strongroom mirror" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_gate_of_these_tests_is_shut(tmp_path: Path) -> None:
    """If the gate let everything through, the tests above would prove nothing."""
    package = tmp_path / "verify"
    package.mkdir()
    (package / "__init__.py").touch()
    for forbidden in ("socket", "pydantic", "urllib.request"):
        (package / "__main__.py").write_text(f"import {forbidden}\n")
        done = run_alone(tmp_path)
        assert done.returncode == 1
        assert f"{forbidden} is not there" in done.stderr
