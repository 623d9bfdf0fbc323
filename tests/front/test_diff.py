"""The text of a difference: what a person reads on the worst day, on an offline laptop."""

from __future__ import annotations

from pathlib import Path

import pytest

from recovery.enterprise_application import GRAPH_APP_ID
from tests.front.golden import assert_golden
from tests.front.outcome import Call
from tests.recovery.tenant_days import object_record, relation_record
from tests.vault.host import Host
from verify.identity import identity_text_of
from verify.key import Record

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
    host.seal(_day(
        object_record("users", ANNA, displayName="Anna"),
        object_record("users", BERT, displayName="Bert", signInActivity={"at": 1}),
        object_record("devices", "d1", displayName="D1", approximateLastSignInDateTime="1"),
        relation_record("users", BERT, "manager", ANNA),
        relation_record("groups", "all", "members", ANNA, BERT),
        relation_record("groups", "tier-0", "members", BERT),
        _grant("openid User.Read Mail.ReadWrite"),
        _policy(BERT, "f" * 8),
        _tool("k1"),
    ))  # fmt: skip
    host.seal(_day(
        object_record("users", BERT, displayName=LONG, signInActivity={"at": 2}),
        object_record("devices", "d1", displayName="D1", approximateLastSignInDateTime="2"),
        relation_record("groups", "all", "members", BERT),
        relation_record("groups", "tier-0", "members", BERT, EVE),
        _grant("Mail.ReadWrite openid Mail.Send"),
        _policy(BERT, EVE),
        _tool("k1", "k2"),
        object_record("federatedIdentityCredentials", "f1", ("applications", "app-1"), name="backup"),
        object_record("appRoleAssignments", "x1", ("servicePrincipals", GRAPH), resourceId=GRAPH, appRoleId=ROLE_ID,
                      principalId="sp-tool"),
    ))  # fmt: skip
    identity = tmp_path / "identity.txt"
    identity.write_text(identity_text_of(host.identity) + "\n")
    fingerprint = host.chain.newest.fingerprint
    return ["diff", str(host.archive), "1", "2", f"--trust=sha256:{fingerprint}", f"--identity={identity}"]


def test_the_text_reads_as_agreed(call: Call, words: list[str]) -> None:
    """Privileged changes first, ids with their names, what follows from another change last, no line without end."""
    done = call(*words)
    assert done.status == 0
    assert_golden("diff.txt", done.out)
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
    assert (objects["d1"]["action"], objects["d1"]["why_none"]) == ("none", "Microsoft sets it")
