"""Documents as `verify --json` and `diff --json` print them, small and fixed, and names that want to do harm."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from recovery.reports.privilege import is_privileged

Json = dict[str, Any]

GENERATED_AT = "2026-11-21T06:00:00Z"

HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "]]><svg onload=alert(1)>",
    "<!--",
    "</title></style></details></main><h1>PASS</h1>",
    "&lt;b&gt; &amp; &#x202e;",
    "javascript:alert(1)",
    "invoice\u202egpj.exe",
    "\u2066isolated\u2069 \u200b\ufeff\u00ad",
    "\x1b[31mred\x1b[0m\x07\x9b",
    "line\nbreak\ttab\rreturn\u2028separator\x00",
    "\ud800 lone \udfff",
    "Z" + "\u0301" * 80 + "algo",
    "\u3164",
    "A" * 10_000,
    "<" * 10_000,
    "\u202e" * 10_000,
)

_TITLES = {
    "C01": "trust root", "C02": "checkpoint", "C03": "log", "C04": "history", "C05": "statements",
    "C06": "snapshots", "C07": "recipients", "C08": "bundles", "C09": "segments", "C10": "retention",
    "C11": "canaries", "C12": "evidence carried forward", "C13": "freshness", "C14": "witnesses",
    "C15": "time stamps", "C16": "lock observations", "C17": "completeness of the store", "C18": "events",
    "C21": "header", "C22": "structure", "C23": "records", "C24": "state", "C25": "counts and gaps",
    "C26": "event bundles",
}  # fmt: skip
_ON_REQUEST = frozenset(("C13", "C14", "C15", "C16", "C17"))
_FIRST_COUNTS = {
    "users": 1204, "groups": 96, "conditionalAccessPolicies": 24, "roleAssignments": 17, "deletedUsers": 3,
    "roleEligibilitySchedules": 9, "domains": 2,
}  # fmt: skip
_WHOLE_GAP = {
    "collection": "roleEligibilitySchedules",
    "relation": None,
    "id": None,
    "reason": "licence-missing",
    "detail": "403 AadPremiumLicenseRequired",
}
_PART_GAP = {
    "collection": "groups",
    "relation": "members",
    "id": "6c1e1f4c-7f2b-4a2e-9d35-1f0a4c8b7e10",
    "reason": "throttled-out",
    "detail": "429 after 9 tries",
}


def digest(word: str) -> str:
    """64 hex digits that look like a digest."""
    return hashlib.sha256(ascii(word).encode()).hexdigest()


def check(id_: str, result: str, **members: object) -> Json:
    """One check; `members` replace what stands by default."""
    required = id_ not in _ON_REQUEST
    detail = "nothing asks for it" if result == "NOT CHECKED" else f"{_TITLES[id_]} as signed"
    level = 0 if id_ < "C20" else 1
    fixed: Json = {"id": id_, "title": _TITLES[id_], "level": level, "result": result, "required": required}
    return {**fixed, "subject": None, "detail": detail, "error": None, "next_step": None, **members}


def snapshot(sequence: int) -> Json:
    """A snapshot of day `sequence` of November 2026; on day 8 an intruder has been at work."""
    counts = dict(_FIRST_COUNTS)
    counts["users"] += 2 * sequence - (380 if sequence == 8 else 0)
    counts["deletedUsers"] += 380 if sequence == 8 else 0
    counts["conditionalAccessPolicies"] -= 13 if sequence == 8 else 0
    gaps = [_WHOLE_GAP] if sequence in (3, 4) else [_PART_GAP] if sequence > 6 else []
    if sequence in (3, 4):
        del counts["roleEligibilitySchedules"]
    return {
        "sequence": sequence,
        "taken_at": f"2026-11-{sequence:02}T02:17:09Z",
        "kind": "full" if sequence in (1, 8) else "delta",
        "records": sum(counts.values()) * 2,
        "counts": {name: {"objects": number, "records": 2 * number} for name, number in counts.items()},
        "gaps": gaps,
        "state_root": digest(f"state {sequence}"),
        "manifest_sha256": digest(f"manifest {sequence}"),
        "bundle_bytes": 1_410_222 if sequence in (1, 8) else 20_480 * sequence,
        "state": "present",
        "covered": True,
        "read": True,
    }


def verdict(word: str = "PASS", **members: object) -> Json:
    """A verdict of level 1 over eight snapshots."""
    checks = [check(id_, "NOT CHECKED" if id_ in _ON_REQUEST else "PASS") for id_ in _TITLES]
    if word == "FAIL":
        found = "the file's SHA-256 is not the one that the manifest of snapshot 5 signs for"
        subject = f"bundles/sha256/ab/{digest('bundle')}.age"
        checks[7] = check("C08", "FAIL", subject=subject, detail=found, error="DigestError")
    if word == "INCOMPLETE":
        checks[13] = check("C14", "NOT CHECKED", required=True, detail="no co-signature lies in the archive")
    fixed: Json = {
        "verdict": word,
        "level": 1,
        "archive_id": digest("archive")[:32],
        "tenant": "8d3f9c1e-52a7-4c1b-9a0e-2f7d64c0b1aa",
        "simulated": False,
        "trust_root": digest("root"),
        "checks": checks,
        "snapshots": [snapshot(sequence) for sequence in range(8, 0, -1)],
        "strays": [],
        "orphans": [],
        "pending": [],
        "behind": None,
        "fault": "altered or missing" if word == "FAIL" else None,
    }
    return {**fixed, **members}


def changed(collection: str, name: str | None, change: str = "changed", **members: object) -> Json:
    """One object of a difference."""
    word = digest(f"{collection} {name} {change}")
    actions = {"changed": "update", "removed": "restore", "added": "delete"}
    fixed: Json = {"collection": collection, "id": f"{word[:8]}-{word[8:12]}-4a2e-9d35-{word[:12]}", "parent": []}
    rest: Json = {"name": name, "change": change, "action": actions[change], "attributes": [], "links": []}
    said: Json = {"parent_name": None, "privileged": "collection" if is_privileged(collection) else None, "powers": []}
    said |= {"recycle_bin_unread": False, "privilege_unknown": []}
    said |= {"why_none": None, "synchronised": False, "follows_from": [], "names": {}, "traits": {}, "actor": None}
    return {**fixed, **rest, **said, **members}


def difference(objects: list[Json], **members: object) -> Json:
    """A difference of snapshots 7 and 8 with these objects, and the summary that belongs to them."""
    summary: dict[str, Json] = {}
    for one in objects:
        summary.setdefault(one["collection"], {"added": 0, "removed": 0, "changed": 0})[one["change"]] += 1
    sides = {
        name: {key: snapshot(number)[key] for key in ("sequence", "taken_at", "state_root", "manifest_sha256")}
        for name, number in (("before", 7), ("after", 8))
    }
    fixed: Json = {**sides, "simulated": False, "summary": summary, "unknown": [], "objects": objects}
    fixed |= {"privilege_unknown": []}
    fixed |= {"tenant": verdict()["tenant"], "archive_id": verdict()["archive_id"], "made_at": GENERATED_AT}
    return {**fixed, **members}


def attack() -> Json:
    """What an intruder leaves behind: policies switched off, a consent widened, users thrown away."""
    attribute = ("path", "before", "after")
    excluded = ["/conditions/users/excludeUsers", ["bg-1", "bg-2"], ["bg-1", "bg-2", "eve"]]
    state = ["/state", "enabled", "disabled"]
    scope = ["/scope", "openid User.Read", "openid User.Read Directory.ReadWrite.All"]
    links = [
        {"relation": "members", "id": "e1", "name": "Eve Adams", "change": "added"},
        {"relation": "members", "id": "a1", "name": None, "change": "removed"},
    ]
    people = {"bg-1": "Break glass 1", "eve": "Eve Adams"}
    policy = [dict(zip(attribute, row, strict=True)) for row in (state, excluded)]
    number = [{"path": "/weight", "before": Decimal("2.50"), "after": Decimal("2.5")}]
    power: Json = {"privileged": "role-assignable group"}
    inside: Json = {"parent": ["applications", "app-1"], "parent_name": "Deploy pipeline", "privileged": "collection"}
    role = {"path": "/appRoleId", "before": None, "after": "9e3f62cf"}
    named: Json = {"names": {"9e3f62cf": "RoleManagement.ReadWrite.Directory"}}
    secrets = [{"keyId": "k1", "hint": "aB3"}, {"keyId": "k2", "hint": "x9Z"}]
    secret = {"path": "/passwordCredentials", "before": secrets[:1], "after": secrets}
    acting: Json = {
        "privileged": "new credential",
        "powers": ["Global Administrator", "RoleManagement.ReadWrite.Directory"],
    }
    signed_in = {"path": "/signInSessionsValidFromDateTime", "before": "2026-11-01", "after": "2026-11-02"}
    manager = {"relation": "manager", "id": "a1", "name": None, "change": "removed"}
    cause = {"collection": "users", "id": "a1", "name": "Person 1"}
    owning: Json = {"links": [{"relation": "owners", "id": "e1", "name": "Eve Adams", "change": "added"}]}
    owning |= {"privileged": "new owner", "powers": ["Mail.Send"]}
    guest: Json = {"traits": {"userPrincipalName": "eve_evil.example#EXT#@contoso.example", "userType": "Guest"}}
    hybrid: Json = {"traits": {"userPrincipalName": "p1@contoso.example", "onPremisesSyncEnabled": True}}
    hybrid |= {"synchronised": True}
    objects = [
        changed("users", "Person 1", "removed", **hybrid),
        changed("users", "Eve Adams", "added", **guest),
        changed("applications", "Sync tool", "added", traits={"appId": "5f0c", "secrets": 2, "signInAudience": "any"}),
        changed("servicePrincipals", "Payroll", **owning),
        changed("users", "Person 2", "removed", action="recreate"),
        changed("users", "Person 3", attributes=[{"path": "/department", "before": None, "after": "Research"}]),
        changed("groups", "Tier-0 administrators", links=links, attributes=number, **power),
        changed("conditionalAccessPolicies", "CA001: MFA for all", attributes=policy, names=people),
        changed("oauth2PermissionGrants", None, attributes=[dict(zip(attribute, scope, strict=True))]),
        changed("federatedIdentityCredentials", "github", "added", **inside),
        changed("appRoleAssignments", "Mail tool", "added", attributes=[role], **named),
        changed("applications", "Mailbox migration tool", attributes=[secret], **acting),
        changed("users", "Person 4", attributes=[signed_in], action="none", why_none="Microsoft sets it"),
        changed("users", "Person 0", links=[manager], follows_from=[cause]),
    ]
    unknown = [{**_WHOLE_GAP, "in": "after"}, {**_PART_GAP, "in": "before"}, {**_PART_GAP, "in": "after"}]
    return difference(objects, unknown=unknown)


def hostile_difference(name: str) -> Json:
    """A difference in which every text that comes from the tenant or from a store is this one."""
    link = {"relation": name, "id": name, "name": name, "change": "added"}
    attributes = [
        {"path": f"/{name}", "before": name, "after": f"{name}!"},
        {"path": name, "before": {name: [name]}, "after": {name: [name, name], "x": name}},
    ]
    texts: Json = {
        "id": name,
        "powers": [name],
        "traits": {name: name},
        "parent": [name, name],
        "parent_name": name,
        "why_none": name,
    }
    texts |= {
        "privileged": name,
        "privilege_unknown": [name],
        "names": {name: name},
        "follows_from": [{"collection": name, "id": name, "name": name}],
    }
    objects = [
        changed(collection, name, **texts, attributes=attributes, links=[link])
        for collection in (name, "users", "conditionalAccessPolicies")
    ]
    gap = {"collection": name, "relation": name, "id": name, "reason": name, "detail": name, "in": "after"}
    sides = {side: {"sequence": 1, "taken_at": name, "state_root": name} for side in ("before", "after")}
    return difference(objects, unknown=[gap], privilege_unknown=[gap], tenant=name, archive_id=name, **sides)


def hostile_verdict(name: str) -> Json:
    """A verdict in which every text is this one, except the words that the page insists on."""
    texts = {"title": name, "subject": name, "detail": name, "error": name, "next_step": name}
    gap = {"collection": name, "relation": name, "id": name, "reason": name, "detail": name}
    counts = {name: {"objects": 3, "records": 4}, "users": {"objects": 3, "records": 4}}
    snapshots = [
        {
            **snapshot(sequence),
            "taken_at": name,
            "kind": name,
            "counts": {} if sequence == 2 else counts,
            "gaps": [gap],
            "state_root": name,
            "manifest_sha256": name,
            "state": name,
        }
        for sequence in (1, 2, 3)
    ]
    checks = [{**check("C08", "FAIL"), **texts}, {**check("C14", "NOT CHECKED"), **texts, "id": name}]
    files: Json = {"strays": [name], "orphans": [name], "pending": [name]}
    names = dict.fromkeys(("archive", "archive_id", "tenant", "trust_root", "level", "fault"), name)
    return verdict("FAIL", checks=checks, snapshots=snapshots, **files, **names)
