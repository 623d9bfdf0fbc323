"""The table of places in which records name other objects by id."""

from __future__ import annotations

from archiver.graph.catalogue import load_catalogue
from archiver.graph.reference import ids_at, load_references, recycle_bin_of
from recovery.kind_of_object import RECYCLE_BINS
from recovery.rehearsal.population import population

ONE, TWO = "a0000000-0000-4000-8000-000000000001", "b0000000-0000-4000-8000-000000000002"


def test_every_place_is_one_that_the_catalogue_reads() -> None:
    """A name that no row has would be judged never, and nobody would know."""
    rows = {row.collection: row for row in load_catalogue().collections}
    for reference in load_references():
        assert reference.of in rows, reference
        assert reference.to and set(reference.to) <= set(rows), reference
        assert reference.relation or reference.path
        if reference.relation is not None:
            assert reference.relation in {relation.name for relation in rows[reference.of].relations}, reference
    places = [(reference.place, reference.to) for reference in load_references()]
    assert len(set(places)) == len(places)


def test_every_relation_of_all_is_a_place() -> None:
    """A relation that is read names objects: where they are at home stands in the table."""
    known = {(reference.of, reference.relation) for reference in load_references()}
    foreign = {("connectedOrganizations", "externalSponsors")}  # objects of other tenants
    for row in load_catalogue().chosen(["all"]):
        for relation in row.relations:
            assert (row.collection, relation.name) in known | foreign


def test_a_recycle_bin_is_named_after_its_collection() -> None:
    """Who gathers finds a bin by this rule, who compares by a table, and so does the simulated tenant."""
    rows = load_catalogue().chosen(["all"])
    assert {row.collection for row in rows if "/deletedItems" in row.path} == set(RECYCLE_BINS.values())
    for collection, bin_ in (RECYCLE_BINS | population.RECYCLE_BINS).items():
        assert bin_ == recycle_bin_of(collection)


def test_ids_are_found_along_a_path() -> None:
    """Members joined by dots, each element of an array, GUIDs only, in lower case."""
    value = {"a": [{"b": {"c": ONE.upper()}}, {"b": {"c": "All"}}, {"b": None}, 5], "d": TWO}
    assert list(ids_at(value, "a[].b.c")) == [ONE]
    assert list(ids_at(value, "d")) == [TWO]
    assert list(ids_at(value, "a.b")) == list(ids_at(value, "x[].y")) == list(ids_at(5, "d")) == []
    assert list(ids_at({"d": "00000000-0000-0000-0000-000000000000"}, "d")) == []
