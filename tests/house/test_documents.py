"""Documents say what there is: every command, exit status and path in them exists, and the other way round."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.command import COMMANDS
from verify.errors import StrongroomError

DOCUMENTS = (
    "README.md",
    "SECURITY.md",
    "DECISIONS.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "strongroom/COMMANDS.md",
    "verify/FORMAT.md",
    "recovery/rehearsal/README.md",
)
PACKAGES = ("archiver", "config", "recovery", "strongroom", "vault", "verify")
OUTSIDE_THE_TREE = {0, 2, 3, 5, 130}
"""Statuses that are no error class: done, usage (argparse), incomplete, FAIL, interrupted."""


def statuses_in_code() -> set[int]:
    """Exit statuses of all error classes."""
    for package in PACKAGES:
        module = importlib.import_module(package)
        for found in pkgutil.walk_packages(module.__path__, f"{package}."):
            if found.name.endswith("errors"):
                importlib.import_module(found.name)
    return {one.exit_status for one in all_below(StrongroomError)}


def all_below(kind: type[StrongroomError]) -> Iterator[type[StrongroomError]]:
    """An error class and everything below it."""
    yield kind
    for one in kind.__subclasses__():
        yield from all_below(one)


def test_every_command_is_documented_and_every_documented_command_exists(repository: Path) -> None:
    """A reader tries what he reads; a command that nobody documents is not there for him."""
    text = (repository / "strongroom/COMMANDS.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([a-z]+(?: (?:simulate|attack|load|prove|add))?)", text, flags=re.MULTILINE))
    assert documented == {command.name for command in COMMANDS}


def test_every_exit_status_is_documented_and_every_documented_one_exists(repository: Path) -> None:
    """Monitoring is written against these numbers."""
    text = (repository / "strongroom/COMMANDS.md").read_text(encoding="utf-8")
    table = text[text.index("| exit | means |") : text.index("Required checks are")]
    documented = {int(cell) for cell in re.findall(r"\| (\d+) \|", table)}
    assert documented - OUTSIDE_THE_TREE <= statuses_in_code()
    # 141 is the shell's own word for a reader of the pipe that went away.
    assert statuses_in_code() <= documented | {2, 130}


def test_every_error_is_defined_once() -> None:
    """Two classes of one name have two next steps, and `except` catches half of them."""
    statuses_in_code()
    names = [one.__name__ for one in all_below(StrongroomError)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_that_a_document_names_exists(repository: Path, name: str) -> None:
    """A link to nowhere is the first thing that a sceptic finds."""
    document = repository / name
    text = document.read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)#:]+)\)", text))
    named = set(re.findall(r"`((?:archiver|config|deploy|recovery|strongroom|tests|vault|verify)/[\w./-]+\w)`", text))
    missing = [path for path in sorted(linked) if not (document.parent / path).exists()]
    missing += [path for path in sorted(named) if not (repository / path).exists()]
    assert missing == []
