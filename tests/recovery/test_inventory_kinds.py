"""The table of what Graph never returns fits the catalogue, and a row that can't be carried out is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archiver.graph.catalogue import load_catalogue
from recovery.inventory.kind import Condition, kinds_of, load_kinds
from verify.errors import MalformedError

WITHHELD = {
    "client-secret", "client-certificate", "token-signing-key", "user-password", "software-token",
    "temporary-access-pass", "provisioning-secret", "identity-provider-secret", "api-connector-secret", "policy-key",
    "passkey", "platform-credential", "subscription", "domain-ownership", "connector-registration", "device-trust",
    "local-administrator-password", "disk-recovery-key", "password-sign-on", "remote-network-key",
    "federation-signing-key", "synchronised-password", "guest-sign-in", "managed-identity",
}  # fmt: skip
"""What Microsoft's documentation of Graph says it never returns, or returns on request alone."""


def row(**members: Any) -> dict[str, Any]:
    """A row that is sound, with other members."""
    words = dict.fromkeys(("title", "plural", "what", "to_do", "without"), "x")
    fixed = {"kind": "k", "way": "enter", "each": "object", "sources": [{"collections": ["users"]}]}
    return {**fixed, **words, **members}


def test_every_kind_that_graph_withholds_has_a_row() -> None:
    """The list is written apart from the table."""
    assert {kind.kind for kind in load_kinds()} >= WITHHELD


def test_every_collection_of_the_table_is_one_of_the_catalogue() -> None:
    """A row over a collection that nobody reads finds nothing, and says "not archived" for ever."""
    known = {row.collection for row in load_catalogue().collections}
    assert {name for kind in load_kinds() for name in kind.collections} <= known


def test_every_secret_collection_of_the_catalogue_is_in_the_table() -> None:
    """What is archived only when it is asked for must be said where it is not."""
    archived = {name for kind in load_kinds() if kind.way == "archived" for name in kind.collections}
    assert archived == {row.collection for row in load_catalogue().collections if row.secret}


@pytest.mark.parametrize(
    "rows",
    [
        b"{",
        [row(kind=1)],
        [row(colour="red")],
        [row(way="perhaps")],
        [row(), row()],
        [row(each="member")],
        [row(list="keys")],
        [row(sources=[{"collections": ["users"]}, {"collections": ["groups"]}])],
        [row(sources=[])],
        [row(each="together", fields={"name": "displayName"})],
    ],
)
def test_a_row_that_is_not_understood_is_refused(rows: Any) -> None:
    """A table that is half understood leaves out secrets."""
    with pytest.raises(MalformedError):
        kinds_of(rows if isinstance(rows, bytes) else json.dumps(rows).encode())


def test_the_table_that_is_shipped_is_the_one_beside_the_code(repository: Path) -> None:
    """It is data, to be read by people too."""
    assert kinds_of((repository / "recovery/inventory/kinds.json").read_bytes()) == load_kinds()


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        (Condition("a", among=(True,)), {"a": True}, True),
        (Condition("a", among=(True,)), {"a": 1}, False),
        (Condition("a", among=(None,)), {}, True),
        (Condition("a", but=(None,)), {}, False),
        (Condition("a", but=("x",)), {}, True),
        (Condition("a/b", among=("x",)), {"a": {"b": "x"}}, True),
        (Condition("a/b", among=("x",)), {"a": "x"}, False),
        (Condition("a", among=("x",)), {"a": ["y", "x"]}, True),
        (Condition("a", but=("x",)), {"a": ["y", "x"]}, False),
        (Condition("a", among=("x",)), {"a": []}, False),
        (Condition("a", among=("x",)), "x", False),
    ],
)
def test_a_condition_holds_for_what_it_names(condition: Condition, value: Any, holds: bool) -> None:
    """Of arrays any element counts; 1 is not true; what is absent is null."""
    assert condition.holds(value) is holds
