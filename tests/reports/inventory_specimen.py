"""Documents as `inventory --json` prints them, small and fixed, and with names that want to do harm."""

from __future__ import annotations

from collections import Counter

from recovery.inventory.entry import GROUPS
from tests.reports.specimen import GENERATED_AT, Json, digest, snapshot, verdict

_WORDS = {"what": "What it is.", "to_do": "Enter it again.", "without": "Nothing works."}
KINDS = {
    "client-secret": {"title": "client secret", "plural": "client secrets", "way": "enter", **_WORDS},
    "token-signing-key": {"title": "token signing key", "plural": "token signing keys", "way": "enter", **_WORDS},
    "provisioning-secret": {"title": "provisioning secret", "plural": "provisioning secrets", "way": "enter", **_WORDS},
    "domain-ownership": {"title": "proof of a domain", "plural": "proofs of domains", "way": "renew", **_WORDS},
    "user-password": {"title": "password", "plural": "passwords of cloud-only users", "way": "renew", **_WORDS},
    "disk-recovery-key": {"title": "recovery key", "plural": "recovery keys of disks", "way": "archived", **_WORDS},
}


def kept(file: str = "payroll.pfx", id_: str = "applications/app-1/k1") -> Json:
    """An escrowed file as an entry shows it."""
    fixed = {"id": id_, "file": file, "sealed_bytes": 2_914, "sealed_sha256": digest(file)}
    return {**fixed, "sealed_at": "2026-10-01T09:00:00Z", "recipients": [digest("recipient")]}


def entry(kind: str, name: str | None, group: str = "valid", **members: object) -> Json:
    """One entry; `members` replace what stands by default."""
    word = digest(f"{kind} {name} {group}")
    fixed: Json = {"kind": kind, "group": group, "collection": "applications", "id": word[:12], "parent": []}
    fixed |= {"parent_name": None, "name": name, "key_ids": [word[12:20]], "credential": "CI", "hint": "aB3"}
    fixed |= {"starts_at": None, "expires_at": "2027-05-01T00:00:00Z", "days_left": 160, "expired": False}
    fixed |= {"in_use": None, "powers": [], "escrow_for": f"applications/{word[:12]}/{word[12:20]}", "escrowed": None}
    return {**fixed, **members}


def inventory(entries: list[Json], **members: object) -> Json:
    """An inventory of snapshot 8 with these entries, and the counts that belong to them."""
    groups = Counter(one["group"] for one in entries)
    taken = {key: snapshot(8)[key] for key in ("sequence", "taken_at", "manifest_sha256", "state_root")}
    fixed: Json = {"tenant": verdict()["tenant"], "archive_id": verdict()["archive_id"], "simulated": False}
    fixed |= {"snapshot": taken, "made_at": GENERATED_AT, "filter": {"collections": [], "expires_within": None}}
    fixed |= {"counts": {group: groups[group] for group in GROUPS}, "kinds": KINDS, "entries": entries}
    fixed |= {"together": [], "escrow": [], "unknown": [], "not_archived": [], "unprovable": []}
    return {**fixed, **members}


def estate() -> Json:
    """A tenant with some of everything."""
    old: Json = {"expires_at": "2026-11-09T00:00:00Z", "days_left": -13, "expired": True}
    undated: Json = {"expires_at": None, "days_left": None, "key_ids": [], "credential": None, "hint": None}
    job: Json = {"collection": "synchronizationJobs", "parent": ["servicePrincipals", "sp-1"]}
    job |= {"parent_name": "ServiceNow", "escrow_for": "synchronizationJobs/job"}
    domain: Json = {"collection": "domains", "escrow_for": None, "id": "contoso.example"}
    part: Json = {"relation": None, "ids": [], "reason": "forbidden", "detail": "403", "hides_power": False}
    return inventory(
        [
            entry("client-secret", "Deploy pipeline", "powerful", powers=["Global Administrator", "Mail.Send"]),
            entry("client-secret", "Portal", days_left=0, expires_at="2026-11-21T12:00:00Z"),
            entry("token-signing-key", "Payroll", in_use=True, hint=None),
            entry("provisioning-secret", None, **job | undated),
            entry("token-signing-key", "Travel", "escrowed", in_use=False, escrowed=kept()),
            entry("client-secret", "Old tool", "expired", **old),
            entry("client-secret", "Binned tool", "deleted", **old),
            entry("domain-ownership", None, "no secret", **undated | domain),
        ],
        together=[
            {"kind": "user-password", "collection": "users", "unit": "user", "number": 1203, "complete": False},
            {"kind": "disk-recovery-key", "collection": "recoveryKeys", "unit": "key", "number": 1, "complete": True},
        ],
        escrow=[
            {**kept(), "state": "matched"},
            {**kept("rolled.pem", "applications/app-1/k0"), "state": "key gone"},
            {**kept("gone.txt", "servicePrincipals/sp-9"), "state": "object gone"},
        ],
        unknown=[
            {"collection": "identityProviders", "kinds": ["provisioning-secret"], **part},
            {
                "collection": "applications",
                "kinds": ["client-secret"],
                **part | {"relation": "passwordCredentials", "ids": ["a", "b"], "reason": "member-absent"},
            },
            {"collection": "roleAssignments", "kinds": [], **part | {"hides_power": True}},
        ],
        not_archived=[{"collection": "keySets", "kinds": ["client-secret"], "why": "B2C tenants: name it there"}],
        unprovable=[{"what": "app passwords", "to_do": "Users make new ones."}],
    )


def hostile_inventory(name: str) -> Json:
    """An inventory in which every text that comes from the tenant, an operator or a store is this one."""
    texts: Json = {"id": name, "parent": [name, name], "parent_name": name, "collection": name, "credential": name}
    texts |= {"key_ids": [name], "hint": name, "powers": [name], "escrow_for": name, "expires_at": name}
    texts |= {"escrowed": {**kept(name, name), "sealed_sha256": name, "sealed_at": name}}
    entries = [entry("client-secret", name, "escrowed", **texts), entry("client-secret", name, "valid", **texts)]
    entries.append(entry("domain-ownership", name, "no secret", **texts | {"parent": []}))
    part = {"collection": name, "relation": name, "ids": [name], "kinds": ["client-secret"], "hides_power": True}
    told = {"kind": "user-password", "collection": name, "unit": name, "number": 3, "complete": True}
    return inventory(
        entries,
        **dict.fromkeys(("tenant", "archive_id", "made_at"), name),
        filter={"collections": [name], "expires_within": None},
        together=[told, {**told, "kind": "disk-recovery-key"}],
        escrow=[{**kept(name, name), "state": "key gone", "sealed_sha256": name, "sealed_at": name}],
        unknown=[{**part, "reason": "forbidden", "detail": name}, {**part, "reason": "member-absent", "detail": name}],
        not_archived=[{"collection": name, "kinds": ["client-secret"], "why": name}],
        unprovable=[{"what": name, "to_do": name}],
    )
