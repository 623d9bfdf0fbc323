"""The inventory of a whole run of the simulated tenant has what its population declares, counted apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.graph.catalogue import load_catalogue
from archiver.graph.permission import permissions_of
from archiver.run import archive_run
from config.loading import load_settings
from recovery.inventory.inventory import inventory_of
from recovery.rehearsal.altering.tenant import DEFAULT_SEED
from recovery.rehearsal.population.population import Population
from recovery.rehearsal.serving.process import simulated_tenant
from tests.archiver.place import Place, now

USERS = 40
AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
COLLECTIONS = ["all", "authenticationMethods", "userRegistrationDetails"]
SECRETS = ["bitlocker", "laps"]
APPLICATIONS = ("applications", "deletedApplications", "agentIdentityBlueprints")
PRINCIPALS = ("servicePrincipals", "deletedServicePrincipals", "agentIdentityBlueprintPrincipals")
ROLES = tuple(permissions_of(load_catalogue().chosen(COLLECTIONS, SECRETS)))

Json = dict[str, Any]


@pytest.fixture(scope="module")
def population() -> Population:
    """The tenant as it is declared, without Graph between."""
    return Population(USERS, DEFAULT_SEED, ROLES)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Json]:
    """The inventory of a run that read everything, secrets too."""
    with simulated_tenant(tmp_path_factory.mktemp("tenant"), users=USERS, roles=ROLES) as tenant:
        place = Place(tmp_path_factory.mktemp("place"), tenant)
        words = {
            "STRONGROOM__EXPORT__COLLECTIONS": json.dumps(COLLECTIONS),
            "STRONGROOM__EXPORT__SECRETS": json.dumps(SECRETS),
        }
        result = archive_run(load_settings(place.settings_file, words), now)
        assert result.error is None and result.document["gaps"] == []
        archive = place.opened()
        yield inventory_of(archive.open_snapshot(archive.select("latest"), place.identities), AT).document()


def values_in(population: Population, *collections: str) -> list[Json]:
    """The objects of collections that nothing contains."""
    opened = [population.collections[name] for name in collections]
    return [one.value(id_) for one in opened for id_ in one]


def contained_in(population: Population, parent: str, collection: str) -> int:
    """How many objects of a contained collection there are."""
    return sum(len(population.collection(collection, (id_,))) for id_ in population.collections[parent])


def numbers_in(document: Json) -> Counter[str]:
    """How many entries there are of each kind."""
    return Counter(one["kind"] for one in document["entries"])


def test_every_secret_and_every_key_is_an_entry(document: Json, population: Population) -> None:
    """By their ids: not one more, and not one less."""
    holders = values_in(population, *APPLICATIONS, *PRINCIPALS)
    keys = [(one["id"], key) for one in holders for key in one["keyCredentials"]]
    secrets = {(one["id"], key["keyId"]) for one in holders for key in one["passwordCredentials"]}
    signing = {(id_, key["keyId"]) for id_, key in keys if key["usage"] == "Sign"}
    pairs = {(id_, key["customKeyIdentifier"]) for id_, key in keys if key["usage"] == "Sign"}
    clients = {(id_, key["keyId"]) for id_, key in keys if (id_, key["customKeyIdentifier"]) not in pairs}
    for kind, wanted in (
        ("client-secret", secrets), ("token-signing-key", signing), ("client-certificate", clients)
    ):  # fmt: skip
        found = {(one["id"], one["key_ids"][0]) for one in document["entries"] if one["kind"] == kind}
        assert wanted and found == wanted, kind
    assert all(one["in_use"] for one in document["entries"] if one["kind"] == "token-signing-key")


def test_what_objects_stand_for_is_an_entry_each(document: Json, population: Population) -> None:
    """Jobs, providers, domains: one secret for each."""
    jobs = sum(
        len(population.collection("synchronizationJobs", (id_,))) for id_ in population.collections["servicePrincipals"]
    )
    federations = sum(
        len(population.collection("federationConfiguration", (id_,))) for id_ in population.collections["domains"]
    )
    providers = [one for one in values_in(population, "identityProviders") if "clientSecret" in one]
    own = [one for one in values_in(population, "domains") if one["isVerified"] and not one["isInitial"]]
    numbers = numbers_in(document)
    assert jobs and federations and providers and own
    assert numbers["provisioning-secret"] == jobs
    assert numbers["federation-signing-key"] == federations
    assert numbers["identity-provider-secret"] == len(providers)
    assert numbers["domain-ownership"] == len(own)


def test_nothing_else_is_an_entry(document: Json) -> None:
    """What the tenant does not have is not listed."""
    assert set(numbers_in(document)) == {
        "client-secret", "token-signing-key", "client-certificate", "provisioning-secret", "federation-signing-key",
        "identity-provider-secret", "domain-ownership", "directory-synchronisation",
    }  # fmt: skip


def test_people_and_devices_are_counted(document: Json, population: Population) -> None:
    """Each person's password once, by whose it is; each registered method once."""
    users = values_in(population, "users")
    synchronised = sum(bool(one["onPremisesSyncEnabled"]) for one in users)
    guests = sum(one["userType"] == "Guest" for one in users)
    methods = Counter(
        method["@odata.type"].removeprefix("#microsoft.graph.").removesuffix("AuthenticationMethod")
        for id_ in population.collections["users"]
        for contents in [population.collection("authenticationMethods", (id_,))]
        for method in map(contents.value, contents)
    )
    told = {one["kind"]: one["number"] for one in document["together"]}
    assert 0 < synchronised < USERS and guests and methods["fido2"]
    assert told["synchronised-password"] == synchronised and told["guest-sign-in"] == guests
    assert told["user-password"] == USERS - synchronised - guests
    assert told["authenticator"] == methods["microsoftAuthenticator"] and told["passkey"] == methods["fido2"]
    for kind, collection in (
        ("device-trust", "devices"), ("subscription", "subscriptions"), ("disk-recovery-key", "recoveryKeys"),
        ("local-administrator-password", "deviceLocalCredentials"),
    ):  # fmt: skip
        assert told[kind] == len(population.collections[collection]) > 0, kind


def test_all_that_was_read_is_known(document: Json) -> None:
    """No gap, and only what is off by default is not archived."""
    off = {row.collection for row in load_catalogue().collections if row.off}
    assert document["unknown"] == []
    assert {one["collection"] for one in document["not_archived"]} <= off - {*COLLECTIONS, "recoveryKeys"}


def test_no_secret_value_is_told(document: Json) -> None:
    """Not one of the values that the records hold in place of secrets comes out; only names, ids, dates and hints."""
    text = str(document)
    assert "******" not in text and "secretText" not in text and "passwordBase64" not in text
