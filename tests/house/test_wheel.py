"""The product as people install it: a wheel, in an environment of its own, far from the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pydantic
import pytest

PACKAGES = ("archiver", "config", "recovery", "strongroom", "vault", "verify")
# The third-party packages of this environment; a folder named in a .pth file is put on the path
# without its own .pth files, so an editable install of the checkout stays out of reach.
SITE_PACKAGES = Path(pydantic.__file__).parent.parent

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=repository)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that holds the wheel, and reaches the locked dependencies without an index."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    python = folder / "bin/python"
    install = ("-m", "pip", "--python", python, "install", "--no-index", "--no-deps", "--quiet", wheel)
    run(sys.executable, *install, cwd=folder.parent)
    (own,) = folder.glob("lib/python3*/site-packages")
    (own / "dependencies.pth").write_text(f"{SITE_PACKAGES}\n")
    return folder


def test_the_command_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    """A module that only the checkout's folder provides would be missed on the first real host."""
    assert "verify" in run(installed / "bin/strongroom", "--help", cwd=tmp_path)


def test_every_module_can_be_imported_from_the_wheel(installed: Path, tmp_path: Path, wheel: Path) -> None:
    """Sub-commands are loaded when asked for, so that --help alone would not notice one that is left out."""
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in zipfile.ZipFile(wheel).namelist()
        if name.endswith(".py") and not name.endswith("__main__.py")
    )
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"for name in {PACKAGES!r}: print(sys.modules[name].__file__)"
    )
    places = run(installed / "bin/python", "-I", "-c", code, cwd=tmp_path).split()
    assert len(places) == len(PACKAGES)
    assert [place for place in places if not Path(place).is_relative_to(installed)] == []


def test_tables_pages_and_specifications_travel_with_the_code(repository: Path, wheel: Path) -> None:
    """The catalogue, the pages of a report and FORMAT.md are parts of the program."""
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.split("/")[0] in PACKAGES}
    beside = {
        path.relative_to(repository).as_posix()
        for package in PACKAGES
        for path in (repository / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert inside == beside
    assert any(name.endswith(".json") for name in inside)


def test_nothing_but_the_packages_is_installed(wheel: Path) -> None:
    """Generic names are a risk that we take for six packages, and not for `tests`."""
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
