"""Two days of a small tenant, sealed by the vault and opened by the verifier, for tests of what recovery reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.vault.host import Host
from verify.archive import Archive
from verify.gap import Gap
from verify.key import OBJECT, RELATION, KeyFields, Record, fields_of, key_of
from verify.snapshot import VerifiedSnapshot
from verify.store import DirectoryReader


def object_record(collection: str, id_: str, parent: tuple[str, ...] = (), **value: Any) -> Record:
    """An object's record, as the exporter writes it."""
    line: dict[str, Any] = {"collection": collection, "id": id_, "value": {"id": id_, **value}}
    if parent:
        line["parent"] = list(parent)
    return Record(key_of(KeyFields(collection, id_, parent, OBJECT)), canonical(line))


def relation_record(collection: str, id_: str, relation: str, *targets: str, part: int = 0, parts: int = 1) -> Record:
    """A part of a relation to users."""
    value = [{"@odata.type": "#microsoft.graph.user", "id": target} for target in sorted(targets)]
    line = {
        "collection": collection, "id": id_, "relation": relation, "part": part, "parts": parts, "value": value
    }  # fmt: skip
    return Record(key_of(KeyFields(collection, id_, (), RELATION, relation, part)), canonical(line))


def canonical(value: Any) -> bytes:
    """Canonical bytes of a value without numbers that would need care."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sealed_days(
    host: Host, *days: Sequence[Record], gaps: Sequence[Sequence[Gap]] = (), full: bool = False
) -> list[VerifiedSnapshot]:
    """Seals each day and opens all of them; with `full` each day is a full of its own epoch.

    The host is asked on all days for whatever any of them has.
    """
    ask_for(host, [record for day in days for record in day])
    for number, day in enumerate(days):
        host.seal(list(day), gaps=gaps[number] if number < len(gaps) else (), full=full)
    return opened_days(host, len(days))


def opened_days(host: Host, days: int) -> list[VerifiedSnapshot]:
    """Opens the first snapshots of the host's archive."""
    archive = Archive.open(DirectoryReader(host.archive), host.chain.newest.fingerprint)
    return [archive.open_snapshot(archive.manifest(number + 1), [host.identity]) for number in range(days)]


def ask_for(host: Host, records: Sequence[Record]) -> None:
    """Has the host asked for whatever these records are of."""
    all_fields = [fields_of(record.key) for record in records]
    host.collections = sorted({*host.collections, *(fields.collection for fields in all_fields)})
    parts: dict[str, set[str]] = {}
    for fields in all_fields:
        if fields.kind != OBJECT:
            parts.setdefault(fields.collection, set()).add(fields.name)
    host.parts = {name: sorted(names) for name, names in parts.items()}
