"""The two rules of a test run: --no-skips, and live tests only when named."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

INI = "[pytest]\nmarkers =\n    live: x\n    slow: x\naddopts = -p no:cacheprovider\n"


@pytest.fixture
def project(tmp_path: Path, repository: Path) -> Path:
    """A folder with this project's conftest.py and no tests yet."""
    shutil.copy(repository / "tests/conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text(INI)
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_skipped_test_fails_where_skips_are_forbidden(project: Path) -> None:
    """CI has everything that tests need; a skip there is a test that nobody runs any more."""
    (project / "test_a.py").write_text("import pytest\ndef test_a():\n    pytest.skip('no age')\n")
    assert run(project).returncode == 0
    done = run(project, "--no-skips")
    assert done.returncode == 1
    assert "skipped, which --no-skips forbids: Skipped: no age" in done.stdout
    assert "1 failed" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_module_that_skips_itself_fails_too(project: Path, workers: str) -> None:
    """A whole file can vanish behind one importorskip, also where worker processes run the tests."""
    (project / "test_a.py").write_text("import pytest\npytest.skip('no x', allow_module_level=True)\n")
    (project / "test_b.py").write_text("def test_b(): pass\n")
    done = run(project, "--no-skips", "-n", workers)
    assert done.returncode != 0
    assert "forbids" in done.stdout


def test_a_skip_in_a_fixture_or_a_mark_fails_in_worker_processes(project: Path) -> None:
    """`make test` runs with worker processes; the rule must hold in them."""
    (project / "test_a.py").write_text(
        "import pytest\n@pytest.fixture\ndef f(): pytest.skip('x')\ndef test_a(f): pass\n"
        "@pytest.mark.skip(reason='y')\ndef test_b(): pass\n"
    )
    done = run(project, "--no-skips", "-n", "1")
    assert done.returncode == 1
    assert "skipped" not in done.stdout.splitlines()[-1]


def test_an_expected_failure_is_no_skip(project: Path) -> None:
    """A double's blind spots are strict expected failures; they do run."""
    (project / "test_a.py").write_text("import pytest\n@pytest.mark.xfail\ndef test_a(): assert False\n")
    assert run(project, "--no-skips").returncode == 0


@pytest.mark.parametrize("arguments", [(), ("-m", "not slow"), ("-m", "live")])
def test_a_live_test_runs_only_when_named(project: Path, arguments: tuple[str, ...]) -> None:
    """It writes to somebody's tenant or store."""
    (project / "test_a.py").write_text(
        "import pytest\n@pytest.mark.live\ndef test_live(): assert False, 'LIVE'\ndef test_other(): pass\n"
    )
    done = run(project, *arguments)
    assert ("LIVE" in done.stdout) == (arguments == ("-m", "live"))
    assert "1 deselected" in done.stdout.splitlines()[-1]
