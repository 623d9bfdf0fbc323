"""Escrowed files stand with what they are for, and those whose object or key is gone are named."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.recovery.inventory_kit import app, escrowed, key, listed, secret
from tests.recovery.tenant_days import object_record
from tests.vault.host import Host
from verify.gap import Gap
from verify.key import Record

JOB = object_record("synchronizationJobs", "job", ("servicePrincipals", "sp-1"))
DELETED = app(secrets=[secret("k1")], collection="deletedApplications")
PRINCIPAL = app("sp-1", keys=[key("s1", "Sign", customKeyIdentifier="AQ=="), key("v1", customKeyIdentifier="AQ==")],
                collection="servicePrincipals")  # fmt: skip


def kept_in(document: dict[str, Any]) -> dict[str, str | None]:
    """The escrowed place of each entry, by the entry's own."""
    return {one["escrow_for"]: one["escrowed"] and one["escrowed"]["id"] for one in document["entries"]}


def states_in(document: dict[str, Any]) -> dict[str, str]:
    """The state of each escrowed file."""
    return {one["id"]: one["state"] for one in document["escrow"]}


def test_an_escrowed_file_stands_at_its_key(host: Host) -> None:
    """By the name of the file and its digest whoever opens the archive finds it."""
    document = listed(host, app(secrets=[secret("k1"), secret("k2")]), escrowed("applications/app-1/k1"))
    assert kept_in(document) == {"applications/app-1/k1": "applications/app-1/k1", "applications/app-1/k2": None}
    (kept,) = [one["escrowed"] for one in document["entries"] if one["escrowed"]]
    assert kept == {
        "id": "applications/app-1/k1", "file": "app.pfx", "sealed_bytes": 6,
        "sealed_sha256": hashlib.sha256(b"sealed").hexdigest(), "sealed_at": "2026-11-16T02:15:00Z",
        "recipients": ["f" * 64],
    }  # fmt: skip
    assert document["counts"]["escrowed"] == 1 and states_in(document) == {"applications/app-1/k1": "matched"}


@pytest.mark.parametrize(
    ("place", "record", "entry"),
    [
        ("applications/app-1", app(secrets=[secret("k1")]), "applications/app-1/k1"),
        ("servicePrincipals/sp-1/v1", PRINCIPAL, "servicePrincipals/sp-1/s1"),
        ("synchronizationJobs/job", JOB, "synchronizationJobs/job"),
        ("servicePrincipals/sp-1", JOB, "synchronizationJobs/job"),
        ("deletedApplications/app-1/k1", app(secrets=[secret("k1")]), "applications/app-1/k1"),
        ("applications/app-1/k1", DELETED, "applications/app-1/k1"),
    ],
    ids=["an only key", "the other half of a pair", "a job", "what contains a job", "a restored one", "a deleted one"],
)
def test_a_place_is_understood_as_an_operator_names_it(host: Host, place: str, record: Record, entry: str) -> None:
    """The portal shows the key id of the public half; a token is entered at the application, not at its job."""
    assert kept_in(listed(host, record, escrowed(place))) == {entry: place}


def test_the_exact_place_counts_before_the_object(host: Host) -> None:
    """Two files, of which one names the key."""
    document = listed(
        host, app(secrets=[secret("k1")]), escrowed("applications/app-1"), escrowed("applications/app-1/k1")
    )
    assert kept_in(document) == {"applications/app-1/k1": "applications/app-1/k1"}


@pytest.mark.parametrize(
    ("place", "state"),
    [
        ("applications/app-1", "object"),
        ("applications/app-1/k9", "key gone"),
        ("applications/app-9/k1", "object gone"),
        ("applications/app-9", "object gone"),
        ("groups/g", "unknown"),
        ("users/hidden", "unknown"),
        ("users/gone", "object gone"),
        ("synchronizationJobs/job", "unknown"),
        ("servicePrincipals/sp-1/k1", "unknown"),
    ],
)
def test_a_file_that_is_for_no_entry_says_why(host: Host, place: str, state: str) -> None:
    """A key that was rolled since it was escrowed opens nothing: better to know it today."""
    records = [app(secrets=[secret("k1"), secret("k2")]), object_record("users", "a"), escrowed(place)]
    records.append(object_record("servicePrincipals", "sp-1", keyCredentials=[]))
    records.append(object_record("synchronizationJobs", "other", ("servicePrincipals", "sp-2")))
    hidden = [("users", "hidden"), ("synchronizationJobs", "sp-1")]
    gaps = [Gap(collection, None, id_, "not-found", "HTTP 404") for collection, id_ in hidden]
    document = listed(host, *records, gaps=gaps)
    assert states_in(document) == {place: state} and not any(kept_in(document).values())


@pytest.mark.parametrize(
    "members",
    [{"for": None}, {"for": ["applications"]}, {"for": ["a", "b", "c", "d"]}, {"for": ["a", ""]}, {"sealed": "%%"},
     {"sealed": None}, {"for": ["a", 1]}],
)  # fmt: skip
def test_a_record_that_nobody_can_use_is_told(host: Host, members: dict[str, Any]) -> None:
    """Passed over in silence, it would be missed on the day that it is needed."""
    value = {"file": "x", "for": ["applications", "app-1"], "sealed": "c2VhbGVk", "sealed_at": "", **members}
    document = listed(host, app(secrets=[secret("k1")]), object_record("escrow", "applications/app-1", **value))
    assert states_in(document) == {"applications/app-1": "malformed"} and not any(kept_in(document).values())
