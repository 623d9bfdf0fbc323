"""The inventory lists what a record proves to exist and Graph never returns; what it can't see it calls unknown."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from recovery.enterprise_application import GRAPH_APP_ID
from tests.recovery.inventory_kit import (
    LATER,
    PAST,
    SOON,
    THUMBPRINT,
    THUMBPRINT_IN_BASE64,
    app,
    key,
    listed,
    numbers_of,
    secret,
)
from tests.recovery.tenant_days import object_record
from tests.vault.host import ARCHIVE_ID, TENANT, Host
from verify.gap import Gap
from verify.key import Record

JOB = ("servicePrincipals", "sp-1")


def typed(name: str) -> dict[str, Any]:
    """The member by which Graph tells objects of several kinds apart."""
    return {"@odata.type": f"#microsoft.graph.{name}"}


def kinds_in(document: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Kind and first key id of each entry."""
    return [(one["kind"], one["key_ids"][0] if one["key_ids"] else None) for one in document["entries"]]


def test_an_entry_says_what_it_is_of_which_object_and_until_when(host: Host) -> None:
    """Who rebuilds has this list and no tenant to ask."""
    document = listed(host, app(secrets=[secret("k1", SOON)]))
    (entry,) = document["entries"]
    assert entry == {
        "kind": "client-secret", "group": "valid", "collection": "applications", "id": "app-1", "parent": [],
        "parent_name": None, "name": "Tool", "key_ids": ["k1"], "credential": "CI", "hint": "aB3",
        "starts_at": "2026-01-01T00:00:00Z", "expires_at": SOON, "days_left": 10, "expired": False, "in_use": None,
        "powers": [], "escrow_for": "applications/app-1/k1", "escrowed": None,
    }  # fmt: skip
    assert set(document["kinds"]["client-secret"]) == {"title", "plural", "way", "what", "to_do", "without"}


def test_the_document_says_what_it_was_derived_from(host: Host) -> None:
    """So that anybody who holds the archive derives it again."""
    document = listed(host, app())
    entries = [path.read_bytes() for path in (host.archive / "log/entries").rglob("*") if path.is_file()]
    manifests = {hashlib.sha256(entry).hexdigest() for entry in entries}
    assert document["snapshot"]["sequence"] == 1 and document["snapshot"]["taken_at"] == "2026-11-16T02:15:00Z"
    assert document["snapshot"]["manifest_sha256"] in manifests
    assert (document["tenant"], document["archive_id"]) == (TENANT, ARCHIVE_ID)


@pytest.mark.parametrize(
    ("record", "kind", "escrow_for"),
    [
        (app(secrets=[secret("k")]), "client-secret", "applications/app-1/k"),
        (app(keys=[key("k")]), "client-certificate", "applications/app-1/k"),
        (app(keys=[key("k", "Sign")]), "token-signing-key", "applications/app-1/k"),
        (app(keys=[key("k", "Encrypt")]), "token-decryption-key", "applications/app-1/k"),
        (app(secrets=[secret("k")], collection="servicePrincipals"), "client-secret", "servicePrincipals/app-1/k"),
        (app(keys=[key("k")], collection="servicePrincipals"), "client-certificate", "servicePrincipals/app-1/k"),
        (
            app(secrets=[secret("k")], collection="agentIdentityBlueprints"),
            "client-secret",
            "agentIdentityBlueprints/app-1/k",
        ),
        (
            app(collection="servicePrincipals", preferredSingleSignOnMode="password"),
            "password-sign-on",
            "servicePrincipals/app-1",
        ),
        (object_record("synchronizationJobs", "job", JOB), "provisioning-secret", "synchronizationJobs/job"),
        (
            object_record("identityProviders", "G", **typed("socialIdentityProvider")),
            "identity-provider-secret",
            "identityProviders/G",
        ),
        (
            object_record(
                "apiConnectors",
                "a",
                authenticationConfiguration=typed("basicAuthentication"),
            ),
            "api-connector-secret",
            "apiConnectors/a",
        ),
        (
            object_record("keySets", "B2C_1A_Key", keys=[{"kid": "k", "use": "sig", "exp": 1_900_000_000}]),
            "policy-key",
            "keySets/B2C_1A_Key/k",
        ),
        (
            object_record("federationConfiguration", "f", ("domains", "contoso.com"), signingCertificate="AAAA"),
            "federation-signing-key",
            "federationConfiguration/f",
        ),
        (
            object_record("externalCertificateAuthorityCertificates", "c", name="Proxy"),
            "tls-inspection-key",
            "externalCertificateAuthorityCertificates/c",
        ),
        (object_record("deviceLinks", "d", ("remoteNetworks", "n")), "remote-network-key", "deviceLinks/d"),
        (object_record("domains", "contoso.com", isVerified=True, isInitial=False), "domain-ownership", None),
        (object_record("organization", "o", onPremisesSyncEnabled=True), "directory-synchronisation", None),
    ],
)
def test_each_kind_is_proved_by_its_record(host: Host, record: Record, kind: str, escrow_for: str | None) -> None:
    """A kind that is never found is missed on the day of the rebuild."""
    (entry,) = listed(host, record)["entries"]
    assert (entry["kind"], entry["escrow_for"]) == (kind, escrow_for)


@pytest.mark.parametrize(
    "record",
    [
        app(secrets=[], keys=[]),
        app(collection="servicePrincipals", preferredSingleSignOnMode="saml"),
        object_record("identityProviders", "M", **typed("builtInIdentityProvider")),
        object_record("apiConnectors", "a", authenticationConfiguration=None),
        object_record("domains", "contoso.onmicrosoft.com", isVerified=True, isInitial=True),
        object_record("domains", "new.example", isVerified=False, isInitial=False),
        object_record("organization", "o", onPremisesSyncEnabled=None),
        object_record("federatedIdentityCredentials", "f", ("applications", "app-1"), subject="repo:x"),
        object_record("certificateAuthorities", "c", ("certificateBasedAuthConfigurations", "p"), certificate="AA=="),
    ],
)
def test_what_holds_no_secret_is_no_entry(host: Host, record: Record) -> None:
    """A list of everything is read by nobody."""
    assert listed(host, record)["entries"] == []


@pytest.mark.parametrize(
    ("kind", "proof", "other"),
    [
        ("user-password", {}, {"onPremisesSyncEnabled": True}),
        ("synchronised-password", {"onPremisesSyncEnabled": True}, {}),
        ("guest-sign-in", {"externalUserState": "Accepted"}, {}),
        ("user-password", {"userType": "Guest"}, {"identityParentId": "agent"}),
    ],
)
def test_passwords_are_counted_and_not_listed(host: Host, kind: str, proof: Any, other: Any) -> None:
    """A million lines that say the same thing say nothing; and whose password it is decides who brings it back."""
    document = listed(host, object_record("users", "a", **proof), object_record("users", "b", **other))
    assert document["entries"] == [] and numbers_of(document)[kind] == 1


@pytest.mark.parametrize(
    ("kind", "registered", "method"),
    [
        ("authenticator", "microsoftAuthenticatorPush", "microsoftAuthenticator"),
        ("passkey", "passKeyDeviceBound", "fido2"),
        ("platform-credential", "windowsHelloForBusiness", "windowsHelloForBusiness"),
        ("software-token", "softwareOneTimePasscode", "softwareOath"),
        ("hardware-token", "hardwareOneTimePasscode", "hardwareOath"),
        ("temporary-access-pass", "temporaryAccessPass", "temporaryAccessPass"),
        ("security-answer", "securityQuestion", None),
    ],
)
def test_methods_are_counted_where_they_are_told_best(
    host: Host, kind: str, registered: str, method: str | None
) -> None:
    """The methods themselves cost a request for each user; who has some is told by the report."""
    report = object_record("userRegistrationDetails", "u1", methodsRegistered=["mobilePhone", registered])
    assert numbers_of(listed(host, report))[kind] == 1
    if method is not None:
        type_ = typed(f"{method}AuthenticationMethod")
        methods = [object_record("authenticationMethods", id_, ("users", "u1"), **type_) for id_ in "ab"]
        (told,) = [one for one in listed(host, report, *methods)["together"] if one["kind"] == kind]
        assert (told["number"], told["collection"], told["unit"]) == (2, "authenticationMethods", "registration")


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (object_record("devices", "d"), "device-trust"),
        (object_record("connectors", "c"), "connector-registration"),
        (object_record("subscriptions", "s"), "subscription"),
        (object_record("deviceLocalCredentials", "l"), "local-administrator-password"),
        (object_record("recoveryKeys", "k"), "disk-recovery-key"),
    ],
)
def test_what_others_hold_is_counted(host: Host, record: Record, kind: str) -> None:
    """Who rebuilds has to know how much of it there is, and who is asked."""
    assert numbers_of(listed(host, record))[kind] == 1


def test_a_managed_identity_needs_no_secret(host: Host) -> None:
    """Azure rolls its certificate; nobody ever enters it."""
    document = listed(
        host, app(keys=[key("k")], collection="servicePrincipals", servicePrincipalType="ManagedIdentity")
    )
    assert document["entries"] == [] and numbers_of(document)["managed-identity"] == 1


def test_a_signing_key_is_one_entry_with_its_pair_and_its_password(host: Host) -> None:
    """Graph shows it as two keys and a password: three secrets to look for would be two too many."""
    pair = [key("s1", "Sign", customKeyIdentifier="AQ=="), key("v1", customKeyIdentifier="AQ==")]
    word = secret("s1", customKeyIdentifier="AQ==")
    document = listed(host, app(secrets=[word, secret("c1")], keys=[*pair, key("c2")], collection="servicePrincipals"))
    assert sorted(kinds_in(document)) == [
        ("client-certificate", "c2"), ("client-secret", "c1"), ("token-signing-key", "s1")
    ]  # fmt: skip
    (signing,) = [one for one in document["entries"] if one["kind"] == "token-signing-key"]
    assert signing["key_ids"] == ["s1", "v1"]


def test_two_signing_keys_of_one_thumbprint_are_two_entries(host: Host) -> None:
    """Whoever may write credentials can't hide one behind another."""
    keys = [key(id_, "Sign", customKeyIdentifier="AQ==") for id_ in ("s1", "s2")]
    assert len(listed(host, app(keys=keys, collection="servicePrincipals"))["entries"]) == 2


def test_one_certificate_and_one_password_belong_to_a_signing_key(host: Host) -> None:
    """A certificate that somebody gave the thumbprint of a signing key is a way in, and stands in the list."""
    keys = [key(id_, usage, customKeyIdentifier="AQ==") for id_, usage in (("s", "Sign"), ("v", "Verify"), ("x", ""))]
    words = [secret("s", customKeyIdentifier="AQ=="), secret("y", customKeyIdentifier="AQ==")]
    document = listed(host, app(secrets=words, keys=keys, collection="servicePrincipals"))
    assert sorted(kinds_in(document)) == [
        ("client-certificate", "x"), ("client-secret", "y"), ("token-signing-key", "s")
    ]  # fmt: skip


def test_the_signing_key_in_use_is_told_from_the_next_one(host: Host) -> None:
    """The thumbprint stands in hex at the object and in base64 at the key."""
    keys = [key("s1", "Sign", customKeyIdentifier=THUMBPRINT_IN_BASE64), key("s2", "Sign", customKeyIdentifier="AQ==")]
    record = app(keys=keys, collection="servicePrincipals", preferredTokenSigningKeyThumbprint=THUMBPRINT)
    used = {one["key_ids"][0]: one["in_use"] for one in listed(host, record)["entries"]}
    assert used == {"s1": True, "s2": False}


def test_a_blueprint_that_graph_lists_as_an_application_too_counts_once(host: Host) -> None:
    """It is one object with one secret."""
    both = [app(secrets=[secret("k")], collection=name) for name in ("applications", "agentIdentityBlueprints")]
    assert len(listed(host, *both)["entries"]) == 1


@pytest.mark.parametrize(
    ("written", "days", "expired"),
    [
        ("2026-11-21T12:00:00Z", 0, True),
        ("2026-11-21T12:00:01Z", 0, False),
        ("2026-11-21T11:59:59Z", -1, True),
        ("2026-11-22T12:00:00.1234567Z", 1, False),
        ("9999-12-31T23:59:59Z", 2_912_118, False),
        ("0001-01-01T00:00:00Z", -739_941, True),
    ],
)
def test_days_are_whole_and_an_expired_one_is_marked(host: Host, written: str, days: int, expired: bool) -> None:
    """A secret of yesterday opens nothing today."""
    (entry,) = listed(host, app(secrets=[secret("k", written)]))["entries"]
    assert (entry["days_left"], entry["expired"]) == (days, expired)
    assert (entry["group"] == "expired") is expired


@pytest.mark.parametrize("written", [None, "", "never", "0001-01-01T00:00:00+14:00", 7, True, {}, "2026-13-01"])
def test_a_date_that_is_none_is_no_date(host: Host, written: Any) -> None:
    """Whoever writes the record must not end the inventory."""
    value = {**secret("k"), "endDateTime": written}
    (entry,) = listed(host, app(secrets=[value]))["entries"]
    assert entry["days_left"] is None or isinstance(written, int)
    assert entry["expires_at"] is None or isinstance(written, int)


@pytest.mark.parametrize("written", [10**30, "1E+999999", -(10**30)])
def test_a_key_set_with_an_absurd_date_has_none(host: Host, written: Any) -> None:
    """Seconds since 1970 as a number of any length are canonical bytes."""
    record = object_record("keySets", "s", keys=[{"kid": "k", "exp": "WRITTEN"}])
    line = record.line.replace(b'"WRITTEN"', str(written).encode())
    (entry,) = listed(host, Record(record.key, line))["entries"]
    assert entry["expires_at"] is None


def test_a_federation_certificate_says_itself_when_it_ends(host: Host) -> None:
    """Graph gives the certificate, and no date beside it."""
    until = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
    pair = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ADFS Signing")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(pair.public_key())
    dated = builder.serial_number(1).not_valid_before(until - timedelta(days=365)).not_valid_after(until)
    der = dated.sign(pair, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    record = object_record(
        "federationConfiguration", "f", ("domains", "c.com"), signingCertificate=base64.b64encode(der).decode()
    )
    (entry,) = listed(host, record)["entries"]
    assert (entry["expires_at"], entry["days_left"]) == ("2026-12-01T12:00:00Z", 10)


@pytest.mark.parametrize("members", [None, "x", {}, [None, 1, "x", []]])
def test_a_list_that_is_none_holds_nothing_and_breaks_nothing(host: Host, members: Any) -> None:
    """Bytes, not models: whatever Graph sent is in the archive."""
    record = object_record("applications", "a", passwordCredentials=members, keyCredentials=members)
    assert listed(host, record)["entries"] == []


def test_an_object_that_came_without_its_list_is_unknown(host: Host) -> None:
    """That Graph did not send the member does not prove that there is no secret."""
    record = object_record("applications", "a", displayName="Tool", keyCredentials=[])
    (part,) = listed(host, record)["unknown"]
    assert (part["collection"], part["relation"], part["reason"]) == (
        "applications", "passwordCredentials", "member-absent"
    )  # fmt: skip
    assert (part["ids"], part["kinds"]) == (["a"], ["client-secret"])


def test_a_gap_is_unknown_and_never_none(host: Host) -> None:
    """A list of secrets that looks whole and is not, is worse than none."""
    gaps = [
        Gap("applications", None, None, "forbidden", "HTTP 403"),
        Gap("synchronizationJobs", None, "sp-2", "server-error", "HTTP 500"),
        Gap("groups", None, None, "forbidden", "HTTP 403"),
        Gap("applications", "owners", None, "forbidden", "HTTP 403"),
    ]
    document = listed(host, object_record("synchronizationJobs", "j", JOB), gaps=gaps)
    whole, one = document["unknown"]
    assert (whole["collection"], whole["ids"], whole["reason"]) == ("applications", [], "forbidden")
    assert "client-secret" in whole["kinds"] and "client-certificate" in whole["kinds"]
    assert (one["collection"], one["ids"], one["kinds"]) == ("synchronizationJobs", ["sp-2"], ["provisioning-secret"])
    assert "applications" not in {missing["collection"] for missing in document["not_archived"]}


def test_a_number_behind_a_gap_is_a_least_number(host: Host) -> None:
    """Half a list of users is no number of passwords."""
    gap = Gap("users", None, None, "malformed-page", "HTTP 200")
    document = listed(host, object_record("users", "a"), gaps=[gap])
    (told,) = [one for one in document["together"] if one["kind"] == "user-password"]
    assert (told["number"], told["complete"]) == (1, False)
    assert [part["collection"] for part in document["unknown"]] == ["users"]


def test_a_gap_in_one_place_is_none_where_another_tells(host: Host) -> None:
    """The report was read whole: what a user's own list would have said is known."""
    gap = Gap("authenticationMethods", None, "u1", "forbidden", "HTTP 403")
    report = object_record("userRegistrationDetails", "u1", methodsRegistered=["fido2SecurityKey"])
    document = listed(host, report, gaps=[gap])
    (told,) = [one for one in document["together"] if one["kind"] == "passkey"]
    assert (told["collection"], told["complete"]) == ("userRegistrationDetails", True)
    assert document["unknown"] == []


def test_what_was_not_asked_for_is_said_with_the_reason(host: Host) -> None:
    """Recovery keys of disks are returned; that nobody asked is not that there are none."""
    document = listed(host, object_record("users", "a"))
    missing = {one["collection"]: one for one in document["not_archived"]}
    assert missing["recoveryKeys"]["kinds"] == ["disk-recovery-key"]
    assert "export.secrets" in missing["recoveryKeys"]["why"]
    assert missing["applications"]["why"] == "the settings leave it out"
    assert "users" not in missing


def test_a_gap_over_what_gives_power_is_said(host: Host) -> None:
    """The order of the list rests on it."""
    gap = Gap("roleAssignments", None, None, "forbidden", "HTTP 403")
    (part,) = listed(host, app(), gaps=[gap])["unknown"]
    assert (part["hides_power"], part["kinds"]) == (True, [])


def test_an_empty_tenant_has_an_empty_inventory(host: Host) -> None:
    """And says so without a fault."""
    document = listed(host)
    assert (document["entries"], document["escrow"], document["unknown"]) == ([], [], [])
    assert set(document["counts"].values()) == {0}
    assert numbers_of(document) == {"user-password": 0, "synchronised-password": 0, "guest-sign-in": 0}


def test_what_matters_most_stands_first(host: Host) -> None:
    """Of applications with power; then the others, what expires first; then what is of no use, and the bin."""
    graph = object_record(
        "servicePrincipals", "sp-graph", appId=GRAPH_APP_ID, passwordCredentials=[], keyCredentials=[],
        appRoles=[{"id": "r", "value": "RoleManagement.ReadWrite.Directory"}],
    )  # fmt: skip
    granted = object_record(
        "appRoleAssignments", "g", ("servicePrincipals", "sp-graph"),
        principalId="sp-1", resourceId="sp-graph", appRoleId="r",
    )  # fmt: skip
    principal = app("sp-1", appId="appId of app-9", collection="servicePrincipals")
    records = [
        app("app-1", [secret("late", LATER), secret("soon", SOON), secret("old", PAST)]),
        app("app-2", [secret("gone", SOON)], collection="deletedApplications"),
        app("app-3", [{**secret("undated"), "endDateTime": None}]),
        app("app-9", [secret("power", LATER)]),
    ]
    document = listed(host, graph, granted, principal, *records)
    assert [one["key_ids"][0] for one in document["entries"]] == ["power", "soon", "late", "undated", "old", "gone"]
    assert document["entries"][0]["powers"] == ["RoleManagement.ReadWrite.Directory"]
    assert document["counts"] == {
        "powerful": 1, "valid": 3, "escrowed": 0, "expired": 1, "deleted": 1, "no secret": 0
    }  # fmt: skip


def test_only_what_expires_is_shown_when_that_is_asked(host: Host) -> None:
    """A calendar is made from it: what expired stands with what will."""
    record = app(secrets=[secret("late", LATER), secret("soon", SOON), secret("old", PAST)])
    document = listed(host, record, object_record("users", "a"), expires_within=10)
    assert [one["key_ids"][0] for one in document["entries"]] == ["soon", "old"]
    assert document["together"] == []
    assert [one["key_ids"][0] for one in listed(host, record, expires_within=9)["entries"]] == ["old"]


def test_a_collection_comes_with_its_recycle_bin(host: Host) -> None:
    """As in a difference."""
    records = [
        app("a", [secret("k1")]),
        app("b", [secret("k2")], collection="deletedApplications"),
        app("c", [secret("k3")], collection="servicePrincipals"),
    ]
    document = listed(host, *records, object_record("users", "u"), collections=["applications"])
    assert [one["id"] for one in document["entries"]] == ["a", "b"]
    assert document["together"] == []


def test_a_job_is_named_by_what_contains_it(host: Host) -> None:
    """The id of a synchronisation job tells nobody which application it feeds."""
    record = app("sp-1", collection="servicePrincipals", displayName="ServiceNow")
    (entry,) = listed(host, record, object_record("synchronizationJobs", "job", JOB))["entries"]
    assert (entry["parent"], entry["parent_name"]) == (list(JOB), "ServiceNow")
