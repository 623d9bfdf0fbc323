"""The text of a difference: what a person reads on the worst day, on an offline laptop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recovery.enterprise_application import GRAPH_APP_ID
from tests.front.golden import assert_golden
from tests.front.outcome import Call
from tests.recovery.tenant_days import ask_for, object_record, relation_record
from tests.vault.host import Host
from verify.archive import Archive
from verify.identity import identity_text_of
from verify.key import Record
from verify.store import DirectoryReader

ANNA, BERT, EVE = "a" * 8, "b" * 8, "e" * 8
GRAPH, ROLE_ID = "sp-graph", "9e3f62cf"
LONG = "x" * 100_000


def _day(*records: Record) -> list[Record]:
    graph = object_record(
        "servicePrincipals", GRAPH, appId=GRAPH_APP_ID, displayName="Microsoft Graph",
        appRoles=[{"id": ROLE_ID, "value": "RoleManagement.ReadWrite.Directory"}],
    )  # fmt: skip
    return [
        graph,
        object_record("applications", "app-1", displayName="Deploy pipeline"),
        object_record("groups", "tier-0", displayName="Tier 0 administrators", isAssignableToRole=True),
        object_record("groups", "all", displayName="All users", groupTypes=["DynamicMembership"]),
        object_record("users", EVE, displayName="Eve"),
        object_record("servicePrincipals", "sp-robot", appId="robot", displayName="Robot"),
        *records,
    ]


def _policy(*excluded: str) -> Record:
    users = {"excludeUsers": [*excluded], "excludeGroups": ["tier-0"]}
    return object_record("conditionalAccessPolicies", "p1", displayName="CA001", conditions={"users": users})


def _tool(*key_ids: str) -> Record:
    secrets = [{"keyId": id_} for id_ in key_ids]
    return object_record("servicePrincipals", "sp-tool", appId="tool", displayName="Tool", passwordCredentials=secrets)


def _grant(scope: str) -> Record:
    return object_record("oauth2PermissionGrants", "grant", clientId="app-1", scope=scope)


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """The words that compare two days: an attack, a deletion with what follows from it, and noise."""
    host = Host(tmp_path)
    host.prove()
    before = _day(
        object_record("users", ANNA, displayName="Anna"),
        object_record("users", BERT, displayName="Bert", signInActivity={"at": 1}),
        object_record("devices", "d1", displayName="D1", approximateLastSignInDateTime="1"),
        relation_record("users", BERT, "manager", ANNA),
        relation_record("groups", "all", "members", ANNA, BERT),
        relation_record("groups", "tier-0", "members", BERT),
        _grant("openid User.Read Mail.ReadWrite"),
        _policy(BERT, "f" * 8),
        _tool("k1"),
        object_record("users", "carl", displayName="Carl", onPremisesSyncEnabled=True),
    )  # fmt: skip
    after = _day(
        object_record("users", BERT, displayName=LONG, signInActivity={"at": 2}),
        object_record("devices", "d1", displayName="D1", approximateLastSignInDateTime="2"),
        relation_record("groups", "all", "members", BERT),
        relation_record("groups", "tier-0", "members", BERT, EVE),
        _grant("Mail.ReadWrite openid Mail.Send"),
        _policy(BERT, EVE),
        _tool("k1", "k2"),
        relation_record("servicePrincipals", "sp-robot", "owners", EVE),
        object_record("users", "mallory", displayName="Mallory", userType="Guest", accountEnabled=True,
                      userPrincipalName="mallory_evil.example#EXT#@contoso.example"),
        object_record("groups", "mail-in", displayName="Süd", groupTypes=["DynamicMembership"],
                      membershipRule='user.mail -contains "evil"'),
        object_record("applications", "app-2", displayName="Sync", appId="app-2-id", passwordCredentials=[{}, {}],
                      signInAudience="AzureADMultipleOrgs"),
        object_record("federatedIdentityCredentials", "f1", ("applications", "app-1"), name="backup"),
        object_record("appRoleAssignments", "x1", ("servicePrincipals", GRAPH), resourceId=GRAPH, appRoleId=ROLE_ID,
                      principalId="sp-tool"),
        object_record("appRoleAssignments", "x2", ("servicePrincipals", GRAPH), resourceId=GRAPH, appRoleId=ROLE_ID,
                      principalId="sp-robot"),
    )  # fmt: skip
    host.collections = ["deletedUsers", "roleAssignments", "roleEligibilitySchedules"]
    ask_for(host, [*before, *after])
    host.seal(before)
    host.seal(after)
    identity = tmp_path / "identity.txt"
    identity.write_text(identity_text_of(host.identity) + "\n")
    fingerprint = host.chain.newest.fingerprint
    return ["diff", str(host.archive), "1", "2", f"--trust=sha256:{fingerprint}", f"--identity={identity}"]


def test_the_text_reads_as_agreed(call: Call, words: list[str]) -> None:
    """Privileged changes first, ids with their names, what follows from another change last, no line without end."""
    done = call(*words)
    assert done.status == 0
    assert_golden("diff.txt", done.out.replace(words[1], "ARCHIVE"))
    assert max(len(line) for line in done.out.splitlines()) < 400


def test_json_keeps_a_long_value_whole(call: Call, words: list[str]) -> None:
    """The text is for eyes; what a program reads is never cut."""
    objects = {entry["id"]: entry for entry in call(*words, "--json").document["objects"]}
    assert objects[BERT]["attributes"][0]["after"] == LONG
    assert (objects["tier-0"]["privileged"], objects["f1"]["parent_name"]) == (
        "role-assignable group",
        "Deploy pipeline",
    )
    assert objects["x1"]["names"][ROLE_ID] == "RoleManagement.ReadWrite.Directory"
    assert objects["app-2"]["traits"] == {"appId": "app-2-id", "secrets": 2, "signInAudience": "AzureADMultipleOrgs"}
    assert (objects["carl"]["synchronised"], objects["carl"]["action"]) == (True, "none")
    assert (objects["d1"]["action"], objects["d1"]["why_none"]) == ("none", "Microsoft sets it")


def test_the_document_names_tenant_archive_and_its_own_instant(call: Call, words: list[str]) -> None:
    """A report that is found in a drawer must say whose it is, and of when."""
    document = call(*words, "--json").document
    archive = Archive.open(DirectoryReader(Path(words[1])), words[4].removeprefix("--trust=sha256:"))
    manifest = archive.manifest(2)
    assert (document["tenant"], document["archive_id"]) == (manifest.tenant, manifest.archive_id)
    assert document["made_at"].endswith("Z")


def test_two_words_for_one_snapshot_are_told_as_one(call: Call, words: list[str]) -> None:
    """ "no difference" between a date and `latest` reassures wrongly where both are the same snapshot."""
    words[2:4] = ["2026-11-17", "latest"]
    out = call(*words).out
    assert "2026-11-17 and latest are both snapshot 2" in out
    assert "no difference" in out


def test_a_null_that_goes_is_told_from_one_that_stays(call: Call, tmp_path: Path) -> None:
    """`null -> null` reads like a defect of the archive."""
    host = Host(tmp_path)
    host.prove()
    days: list[dict[str, Any]] = [{"a/b": None, "in": {"side": 1}}, {"new": None, "in": {"side": 1, "deep": None}}]
    for values in days:
        host.seal([object_record("users", "u1", **values)])
    identity = tmp_path / "identity.txt"
    identity.write_text(identity_text_of(host.identity) + "\n")
    trust = f"--trust=sha256:{host.chain.newest.fingerprint}"
    out = call("diff", host.archive, "1", "2", trust, f"--identity={identity}").out
    shown = [line.strip() for line in out.splitlines() if "->" in line]
    assert shown == ["/a~1b: null -> (absent)", "/in/deep: (absent) -> null", "/new: (absent) -> null"]


def test_the_text_says_what_nobody_could_judge_or_look_for(call: Call, words: list[str], tmp_path: Path) -> None:
    """Who has which role was not read, and the bins were not: neither makes a change harmless or a user gone."""
    host = Host(tmp_path / "other")
    host.prove()
    days = [[object_record("users", id_, displayName=id_), _tool(*keys)] for id_, keys in ((ANNA, ()), (BERT, ("k1",)))]
    ask_for(host, [record for day in days for record in day])
    host.collections = ["appRoleAssignments", "roleEligibilitySchedules", *host.collections]
    for day in days:
        host.seal(day)
    (tmp_path / "identity.txt").write_text(identity_text_of(host.identity) + "\n")
    words[1], words[4] = str(host.archive), f"--trust=sha256:{host.chain.newest.fingerprint}"
    lines = call(*words).out.splitlines()
    assert lines[5:9] == [
        "  UNKNOWN deletedUsers: not-asked-for (in the snapshot after)",
        "  UNKNOWN whether 3 of these objects are privileged:",
        "    roleAssignments: not-asked-for (in the snapshot after)",
        "    roleAssignments: not-asked-for (in the snapshot before)",
    ]
    assert any(line.startswith("changed servicePrincipals sp-tool 'Tool' (privileged: UNKNOWN)") for line in lines)
    way = "to put it back: recreate (or restore: the recycle bin was not read)"
    assert f"removed users {ANNA} '{ANNA}' (privileged: UNKNOWN); {way}" in lines
