"""Imports only go down, and each foreign SDK has one port. `make check` checks the linter's contracts."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("archiver", "config", "recovery", "strongroom", "vault", "verify")
# Where a foreign package may be imported: CONTRIBUTING.md has the layout.
PORTS = {
    "boto3": "vault/stores/s3.py",
    "botocore": "vault/stores/s3.py",
    "azure.storage": "vault/stores/azure.py",
    "azure.identity": "archiver/graph/",
    "azure.core": "archiver/graph/",
    "msgraph": "archiver/graph/",
    "msgraph_core": "archiver/graph/",
    "kiota_abstractions": "archiver/graph/",
    "kiota_authentication_azure": "archiver/graph/",
    "kiota_http": "archiver/graph/",
}
# What verify/ may import beside the standard library, and what of it it may not: CONTRIBUTING.md has the layout.
VERIFY_DEPENDENCIES = frozenset({"cryptography", "zstandard", "verify"})
VERIFY_FORBIDS = frozenset({"asyncio", "http", "multiprocessing", "socket", "ssl", "urllib"})


def imports_of(file: Path) -> Iterator[str]:
    """The dotted names that a module imports, at any depth of its code; a relative import is its dots."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level if node.level else f"{node.module}"
            if not node.level:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules_of(repository: Path) -> Iterator[tuple[str, list[str]]]:
    """(path below the repository, what it imports) of every module of the product."""
    for package in PACKAGES:
        for file in sorted((repository / package).rglob("*.py")):
            yield file.relative_to(repository).as_posix(), list(imports_of(file))


@pytest.mark.parametrize("foreign", PORTS)
def test_a_foreign_sdk_is_imported_in_its_port_alone(repository: Path, foreign: str) -> None:
    """There its exceptions are translated; an import elsewhere lets them through untranslated."""
    outside = [
        path
        for path, names in modules_of(repository)
        if any(f"{name}.".startswith(f"{foreign}.") for name in names) and not path.startswith(PORTS[foreign])
    ]
    assert outside == []


def test_every_import_is_absolute(repository: Path) -> None:
    """A relative import hides its direction from the reader, and breaks when a file moves."""
    assert [path for path, names in modules_of(repository) if any(name.startswith(".") for name in names)] == []


def test_verify_imports_its_two_dependencies_and_no_network(repository: Path) -> None:
    """The reader must outlive every writer: it is copied alone to a machine that has only these."""
    foreign = {
        f"{path}: {name}"
        for path, names in modules_of(repository)
        if path.startswith("verify/")
        for name in names
        if (root := name.partition(".")[0]) in VERIFY_FORBIDS
        or (root not in sys.stdlib_module_names and root not in VERIFY_DEPENDENCIES)
    }
    assert foreign == set()
