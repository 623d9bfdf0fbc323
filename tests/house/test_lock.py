"""The lock: every dependency with hashes, no index named, no name of ours taken."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

OURS = frozenset({"archiver", "config", "recovery", "strongroom", "tests", "vault", "verify"})
LOCKS = ("runtime", "dev")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def lock_of(repository: Path, name: str) -> str:
    return (repository / "requirements" / f"{name}.txt").read_text()


def pins_of(text: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in PINNED.findall(text)}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index_and_no_path(repository: Path, name: str) -> None:
    """Where packages come from is the business of the machine that installs, and no secret of ours."""
    text = lock_of(repository, name)
    assert re.findall(r"https?:|file:/|--index|--extra-index|--find-links|--trusted|@ ", text) == []
    assert [line for line in text.splitlines() if re.search(r"(^|\s)/\w", line)] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(repository: Path, name: str) -> None:
    """One pin without a hash would let an index hand out whatever it likes."""
    text = lock_of(repository, name)
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_two_locks_agree(repository: Path) -> None:
    """What is tested must be what is shipped."""
    runtime, dev = (pins_of(lock_of(repository, name)) for name in LOCKS)
    assert runtime.items() <= dev.items()


def test_the_locks_hold_what_the_project_asks_for(repository: Path) -> None:
    """A dependency that was added without `make lock` is missing on the next machine."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    wanted = {
        "runtime": project["dependencies"],
        "dev": project["dependencies"] + project["optional-dependencies"]["dev"],
    }
    for name, requirements in wanted.items():
        pins = pins_of(lock_of(repository, name))
        for requirement in map(Requirement, requirements):
            assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)])


def test_no_locked_dependency_brings_a_module_with_a_name_of_ours(repository: Path) -> None:
    """The top-level names are generic; in a shared environment one of the two would hide the other."""
    locked = pins_of(lock_of(repository, "dev"))
    taken = set()
    looked_at = 0
    for distribution in distributions():
        name = canonicalize_name(distribution.metadata["Name"])
        if name not in locked:
            continue
        looked_at += 1
        for file in distribution.files or []:
            if file.parts[0].removesuffix(".py") in OURS:
                taken.add(f"{name}: {file}")
    assert taken == set()
    assert looked_at > len(locked) / 2
