"""What is read, and what is not and why: every entry that is known is accounted for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from archiver.graph.catalogue import load_catalogue
from archiver.graph.comparison import comparison_of
from archiver.graph.coverage import document_of
from archiver.graph.coverage_entry import Entry, Part, Peers, load_coverage, share_of

ENTRIES = load_coverage()
PARTS: list[Entry | Part] = [
    *ENTRIES,
    *(part for entry in ENTRIES for part in (*entry.parts, *entry.properties, *entry.beside)),
]
ROWS = load_catalogue().collections
NAMES = {row.collection for row in ROWS}
NAMES |= {f"{row.collection}.{one.name}" for row in ROWS for one in row.relations}
NAMES |= {f"{row.collection}.{one.name}" for row in ROWS for one in row.streams}


EXTENSIONS = "<directory extensions extension_{appId}_*>"
"""What the facts call the properties that each tenant names itself."""


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


def facts_with_entries(shared_data: Path) -> list[tuple[dict[str, Any], Entry]]:
    """What Graph is known to have, each with its entry. Entries may be of more: facts are of one day."""
    facts = json.loads((shared_data.parent / "facts" / "graph_catalogue.json").read_bytes())
    entries = {entry.what: entry for entry in ENTRIES}
    return [(fact, entries[fact["name"].replace("|", "/")]) for fact in facts]


def test_every_entry_that_is_known_is_listed(shared_data: Path) -> None:
    """The facts name 157 things; each of them, and each of their relations, has its line."""
    found = facts_with_entries(shared_data)
    assert len(found) == 157
    for fact, entry in found:
        assert {relation["name"] for relation in fact["relations"]} <= {part.what for part in entry.parts}


def test_no_entry_stands_twice() -> None:
    """Two rows for one thing would contradict each other some day."""
    names = [entry.what for entry in ENTRIES]
    assert len(set(names)) == len(names)


def test_every_row_is_listed_by_an_entry() -> None:
    """A collection that was added and stands in no entry is read, and nobody who decides for it knows."""
    named = {name.partition(".")[0] for one in PARTS for name in one.collections}
    own_limits = {"servicePrincipalSecurityAttributes"}
    assert {row.collection for row in ROWS} - named - own_limits == set()


def cells_of(what: str) -> Peers:
    (entry,) = (entry for entry in ENTRIES if entry.what == what)
    return entry.peers


def test_a_share_is_one_of_three_words_with_or_without_a_remark() -> None:
    """What nobody can count is in no summary."""
    given = [one.peers for one in PARTS if one.peers is not None]
    shares = {share_of(text)[0] for peers in given for text in (peers.entra_exporter, peers.microsoft, peers.keepit)}
    assert shares == {"yes", "part", "no"}
    assert cells_of("authenticationMethodsPolicy").entra_exporter == "part: 8 of its methods"


def entry_of(what: str, collection: str | None, peers: tuple[str, str, str]) -> Entry:
    """An entry of the area `A`."""
    collections = () if collection is None else (collection,)
    why_not = None if collection else "nobody asks"
    return Entry(what, "A", "/a", "v1.0", collections, Peers(*peers), why_not)


def test_the_summary_says_who_reads_what_and_counts_it() -> None:
    """What one gets here alone, what elsewhere too, and what elsewhere alone, before 300 rows of tables."""
    entries = (
        entry_of("ours", "users", ("no", "no", "no")),
        entry_of("shared", "groups", ("part: some", "no", "yes")),
        entry_of("on request", "devices", ("yes", "no", "no")),
        entry_of("theirs", None, ("yes", "no", "part: old ones")),
    )
    lines = list(comparison_of(entries, {"users", "groups"}))
    assert "| EntraExporter | 1 | 1 | 1 | 1 |" in lines
    assert "| Microsoft | 2 | 0 | 0 | 0 |" in lines
    assert "| Keepit | 1 | 1 | 0 | 1 |" in lines
    assert "**Read by `all`, and by none of the three** (1): ours." in lines
    assert "**Read by `all`, and there too** (1): shared (EntraExporter in part, Keepit)." in lines
    assert "**Read there, and here only when it is named** (1): on request (EntraExporter)." in lines
    assert "**Read there, and not here** (1): theirs (EntraExporter, Keepit in part)." in lines


def selected_by(collection: str) -> set[str] | None:
    """The properties that a row names; None for one that is sent what Graph sends unasked."""
    row = next(row for row in ROWS if row.collection == collection)
    if not row.select:
        return None
    extensions = {EXTENSIONS} if row.extensions_of is not msgspec.UNSET else set[str]()
    return {*row.select, *(guarded.property for guarded in row.guarded)} | extensions


def properties_in(fact: dict[str, Any]) -> set[str]:
    """The names that the facts give of properties which come only when they are asked for, without remarks."""
    names: set[str] = set()
    for text in fact["select_extra"]:
        names |= set(text.removeprefix("SINGLE-GET ONLY: ").split(", ")) if "SINGLE" in text else {text}
    return {name if name.startswith("<") or " etc. " in name else name.split(" ")[0] for name in names}


def test_every_property_that_comes_only_when_it_is_asked_for_is_selected_or_says_why_not(shared_data: Path) -> None:
    """A property that no `$select` names is lost for ever, and nobody notices until a restore."""
    with_some = [(entry, fact) for fact, entry in facts_with_entries(shared_data) if fact["select_extra"]]
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
