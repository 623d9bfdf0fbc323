"""What is read, and what is not and why: every entry that is known is accounted for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archiver.graph.catalogue import load_catalogue
from archiver.graph.coverage import Entry, Part, document_of, load_coverage

ENTRIES = load_coverage()
PARTS: list[Entry | Part] = [
    *ENTRIES,
    *(part for entry in ENTRIES for part in (*entry.parts, *entry.properties, *entry.beside)),
]
ROWS = load_catalogue().collections
NAMES = {row.collection for row in ROWS}
NAMES |= {f"{row.collection}.{one.name}" for row in ROWS for one in row.relations}
NAMES |= {f"{row.collection}.{one.name}" for row in ROWS for one in row.streams}


def test_everything_is_read_or_says_why_not() -> None:
    """Nothing is left out in silence."""
    for one in PARTS:
        assert bool(one.collections) != bool(one.why_not), one.what


def test_what_is_said_to_be_read_is_in_the_catalogue() -> None:
    """A document that names a collection which does not exist is worse than none."""
    named = {name for one in PARTS for name in one.collections}
    assert named <= NAMES


def test_whatever_is_read_stands_in_the_document() -> None:
    """But for parts of other rows, which have a limit of their own."""
    document = document_of(ENTRIES, load_catalogue())
    own_limits = {
        "signInActivities",
        "applicationKeyCredentials",
        "servicePrincipalKeyCredentials",
        "servicePrincipalSecurityAttributes",
        "privilegedAccessGroupPolicies",
        "privilegedAccessGroupPolicyAssignments",
    }
    missing = {name for name in NAMES - own_limits if f"*{name}*" not in document}
    assert missing == set()


def test_every_entry_that_is_known_is_listed(shared_data: Path) -> None:
    """The facts name 157 things; each of them, and each of their relations, has its line."""
    facts = json.loads((shared_data.parent / "facts" / "graph_catalogue.json").read_bytes())
    assert [entry.what for entry in ENTRIES] == [fact["name"].replace("|", "/") for fact in facts]
    for entry, fact in zip(ENTRIES, facts, strict=True):
        assert [part.what for part in entry.parts] == [relation["name"] for relation in fact["relations"]]


def selected_by(collection: str) -> set[str] | None:
    """The properties that a row names; None for one that is sent what Graph sends unasked."""
    row = next(row for row in ROWS if row.collection == collection)
    return {*row.select, *(guarded.property for guarded in row.guarded)} if row.select else None


def properties_in(fact: dict[str, Any]) -> set[str]:
    """The names that the facts give of properties which come only when they are asked for, without remarks."""
    names: set[str] = set()
    for text in fact["select_extra"]:
        names |= set(text.removeprefix("SINGLE-GET ONLY: ").split(", ")) if "SINGLE" in text else {text}
    return {name if name.startswith("<") or " etc. " in name else name.split(" ")[0] for name in names}


def test_every_property_that_comes_only_when_it_is_asked_for_is_selected_or_says_why_not(shared_data: Path) -> None:
    """A property that no `$select` names is lost for ever, and nobody notices until a restore."""
    facts = json.loads((shared_data.parent / "facts" / "graph_catalogue.json").read_bytes())
    with_some = [(entry, fact) for entry, fact in zip(ENTRIES, facts, strict=True) if fact["select_extra"]]
    assert len(with_some) == 7
    for entry, fact in with_some:
        selected = {name for one in entry.collections for name in selected_by(one) or ()}
        listed = {part.what.strip("`") for part in entry.properties}
        assert properties_in(fact) <= selected | listed, entry.what


def test_a_property_that_is_said_to_be_read_is_named_by_its_row() -> None:
    """Or the row names none, so that Graph's default set has it."""
    for entry in ENTRIES:
        for part in entry.properties:
            for collection in part.collections:
                names = selected_by(collection)
                assert names is None or part.what.strip("`") in names, (entry.what, part.what)


def test_the_document_is_what_is_generated(repository: Path) -> None:
    """`python -m archiver.graph.coverage > archiver/graph/COVERAGE.md`."""
    written = (repository / "archiver" / "graph" / "COVERAGE.md").read_text(encoding="utf-8")
    if written != document_of(ENTRIES, load_catalogue()):
        pytest.fail(
            "COVERAGE.md is not what is generated: python -m archiver.graph.coverage > archiver/graph/COVERAGE.md"
        )
