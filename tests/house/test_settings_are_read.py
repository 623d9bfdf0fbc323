"""A setting that the model accepts is one that some code acts on."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from config.outline import Setting, outline_of

CODE = ("archiver", "recovery", "strongroom", "vault")
# Settings of which this version accepts one value only: there is nothing to act on, and the model says so.
SINGLE_VALUED = frozenset({"archive.role", "export.read", "export.secrets"})
# Read through a property of their section: stores[].url as `directory`.
READ_AS = {"url": "directory"}


@pytest.fixture(scope="module")
def attributes(repository: Path) -> frozenset[str]:
    """The name of every attribute that the product's code reads, outside config/."""
    return frozenset(
        node.attr
        for package in CODE
        for file in (repository / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Attribute)
    )


@pytest.mark.parametrize(
    "setting",
    [one for one in outline_of() if one.section is None and ".".join(one.path) not in SINGLE_VALUED],
    ids=lambda setting: ".".join(setting.path),
)
def test_every_accepted_setting_is_read_by_some_code(setting: Setting, attributes: frozenset[str]) -> None:
    """A setting that nothing reads is a promise that nobody keeps; it belongs into config/unsupported.py."""
    name = setting.path[-1]
    assert name in attributes or READ_AS.get(name) in attributes
