"""A small tenant with credentials, and its inventory on a fixed day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from recovery.inventory.inventory import inventory_of
from tests.recovery.tenant_days import object_record
from tests.vault.host import Host
from verify.archive import Archive
from verify.gap import Gap
from verify.key import Record
from verify.store import DirectoryReader

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SOON, LATER, PAST = "2026-12-01T12:00:00Z", "2028-11-01T00:00:00Z", "2026-11-20T00:00:00Z"
THUMBPRINT = "DA20FCA696C4F83E8A9AAD59BE33368ED421F3C1"
THUMBPRINT_IN_BASE64 = "2iD8ppbE+D6Kmq1ZvjM2jtQh88E="

Json = dict[str, Any]


def secret(key_id: str, expires_at: str = LATER, **members: Any) -> Json:
    """A member of `passwordCredentials` as Graph sends it."""
    fixed = {"keyId": key_id, "displayName": "CI", "hint": "aB3", "endDateTime": expires_at, "secretText": None}
    return {**fixed, "startDateTime": "2026-01-01T00:00:00Z", "customKeyIdentifier": None, **members}


def key(key_id: str, usage: str = "Verify", expires_at: str = LATER, **members: Any) -> Json:
    """A member of `keyCredentials`."""
    fixed = {"keyId": key_id, "displayName": "CN=app", "endDateTime": expires_at, "type": "AsymmetricX509Cert"}
    return {**fixed, "usage": usage, "customKeyIdentifier": key_id, "key": None, **members}


def app(id_: str = "app-1", secrets: Sequence[Json] = (), keys: Sequence[Json] = (), **members: Any) -> Record:
    """An application, or an object of another collection that looks like one."""
    collection = members.pop("collection", "applications")
    value = {"displayName": "Tool", "appId": f"appId of {id_}", **members}
    return object_record(collection, id_, passwordCredentials=list(secrets), keyCredentials=list(keys), **value)


def escrowed(place: str, *, sealed: str = "c2VhbGVk", **members: Any) -> Record:
    """A record of the collection `escrow`, made as `escrow add` makes it; `sealed` are six bytes."""
    value: Json = {"file": "app.pfx", "for": place.split("/"), "recipients": ["f" * 64], "sealed": sealed}
    return object_record("escrow", place, **value, sealed_at="2026-11-16T02:15:00Z", **members)


def listed(host: Host, *records: Record, gaps: Sequence[Gap] = (), **filters: Any) -> Json:
    """The document of the inventory of the next day, which has these records."""
    host.seal(list(records), gaps=gaps)
    archive = Archive.open(DirectoryReader(host.archive), host.chain.newest.fingerprint)
    snapshot = archive.open_snapshot(archive.select("latest"), [host.identity])
    return inventory_of(snapshot, AT, **filters).document()


def numbers_of(document: Json) -> dict[str, int]:
    """How many there are of each kind that is counted."""
    return {one["kind"]: one["number"] for one in document["together"]}
