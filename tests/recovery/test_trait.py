"""An added or removed object says what it is, and where its authority lies."""

from __future__ import annotations

from typing import Any

import pytest

from archiver.graph.catalogue import load_catalogue
from archiver.graph.reference import UNRESOLVED
from recovery.attribute import Value
from recovery.difference import compare
from recovery.kind_of_object import BINS, SHOWN_WHOLE
from recovery.object_change import ObjectChange
from recovery.trait import TRAITS, traits_of
from tests.recovery.tenant_days import object_record, relation_record, sealed_days
from tests.vault.host import Host
from verify.key import Record

SYNCED: dict[str, Any] = {"onPremisesSyncEnabled": True}


def test_the_collections_that_the_tables_name_exist() -> None:
    """A misspelt one would be shown as a bare id, and nobody would notice."""
    names = {row.collection for row in load_catalogue().collections}
    assert {*TRAITS, *SHOWN_WHOLE, *BINS, *BINS.values()} <= {*names, UNRESOLVED}


def test_an_object_of_any_other_collection_has_what_configuration_tends_to_have() -> None:
    """A collection that is added to the catalogue must not be shown as a bare id."""
    policy: Value = {"id": "p", "description": "Tokens", "isEnabled": False, "definition": ["{}"]}
    assert traits_of("tokenLifetimePolicies", policy) == {"description": "Tokens", "isEnabled": False}


def test_secrets_are_counted_and_what_is_empty_is_left_out() -> None:
    """How many ways in there are is the news; hints and key ids are not."""
    app: Value = {"appId": "a", "passwordCredentials": [{}, {}], "keyCredentials": [], "signInAudience": None}
    assert traits_of("applications", app) == {"appId": "a", "secrets": 2}


def test_a_deleted_object_has_the_traits_of_its_kind_and_when_it_went() -> None:
    """The recycle bin is where a removed object is looked at."""
    found = traits_of("deletedUsers", {"userType": "Guest", "deletedDateTime": "2026-11-01T00:00:00Z"})
    assert found == {"userType": "Guest", "deletedDateTime": "2026-11-01T00:00:00Z"}


def _one_change(host: Host, before: list[Record], after: list[Record]) -> ObjectChange:
    (change,) = compare(*sealed_days(host, before, after)).objects
    return change


def _user(**value: Any) -> Record:
    return object_record("users", "u-1", displayName="Anna", **value)


OTHER = object_record("users", "u-0", displayName="Other")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([OTHER], [OTHER, _user(**SYNCED)]),
        ([OTHER, _user(**SYNCED)], [OTHER]),
        ([OTHER, _user(department="A", **SYNCED)], [OTHER, _user(department="B", **SYNCED)]),
        ([OTHER, _user(**SYNCED)], [OTHER, _user(**SYNCED), relation_record("users", "u-1", "manager", "u-0")]),
    ],
    ids=["added", "removed for good", "a synchronised attribute", "a synchronised link"],
)
def test_what_comes_from_on_premises_is_put_back_there(host: Host, before: list[Record], after: list[Record]) -> None:
    """Graph refuses, or the next synchronisation undoes it; a plan that says otherwise wastes the worst day."""
    change = _one_change(host, before, after)
    assert (change.action, change.why_none) == ("none", "the source of authority is on-premises")
    assert change.is_news


def test_what_the_cloud_decides_of_a_synchronised_user_can_be_put_back(host: Host) -> None:
    """Licences and the country of use are the cloud's own."""
    days = [[OTHER, _user(usageLocation=word, **SYNCED)] for word in ("DE", "AT")]
    change = _one_change(host, *days)
    assert (change.action, change.why_none, change.synchronised) == ("update", None, True)


def test_a_synchronised_user_in_the_recycle_bin_can_be_restored(host: Host) -> None:
    """An intruder deletes in the cloud, where the object on-premises is still there."""
    days = [[OTHER, _user(**SYNCED)], [OTHER, object_record("deletedUsers", "u-1", displayName="Anna", **SYNCED)]]
    change = _one_change(host, *days)
    assert (change.action, change.synchronised) == ("restore", True)
