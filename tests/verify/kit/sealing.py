"""Seals the snapshots of a story: rows, bundle, segments and manifest (FORMAT.md sections 5 to 9)."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.verify.kit.age_file import encrypt
from tests.verify.kit.bundle import Facts, kind_of, plaintext_of
from tests.verify.kit.edit import Edit, Json
from tests.verify.kit.keys import seed_of
from tests.verify.kit.record import ForgedRecord
from tests.verify.kit.statement import statement_of
from tests.verify.kit.story import Sealed, Snapshot, Story
from tests.verify.kit.tree import leaf_of, root_of, state_root_of

SEGMENT = 65_536
KEPT_DAYS, EPOCH_DAYS = 36_500, 30
"""A century, so that no vector expires while it is in use; a full is kept longer by an epoch and slack."""

_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def time_of(day: int, *, hour: int = 2, minute: int = 0) -> datetime:
    """An instant on a day of the story, which begins on 1 January 2026."""
    return _FIRST_DAY + timedelta(days=day - 1, hours=hour, minutes=minute)


def text_of(instant: datetime) -> str:
    """RFC 3339 with Z and whole seconds."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def segment_hashes_of(file: bytes) -> list[bytes]:
    """The leaves of a bundle file's segments."""
    return [leaf_of(file[at : at + SEGMENT]) for at in range(0, len(file), SEGMENT)]


@dataclass(frozen=True)
class _Full:
    """What the deltas of an epoch lean on."""

    epoch: int
    rows: list[ForgedRecord]
    secret: bytes
    payload: Json
    entry: bytes


class Sealer:
    """Seals one snapshot after the other; keeps the epoch's full and what was sealed so far."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._full: _Full | None = None
        self.sealed: list[Sealed] = []
        self.files: dict[str, bytes] = {}

    def seal(self, snapshot: Snapshot) -> bytes:
        """Returns the log entry of the snapshot's manifest and adds the bundle's files to `files`."""
        full = None if snapshot.kind == "full" else self._full
        epoch = full.epoch if full else (self._full.epoch + 1 if self._full else 1)
        secret = full.secret if full else seed_of(f"epoch {epoch}")
        rows, removed = _difference_of(full.rows if full else [], snapshot.live)
        rows = snapshot.rows(rows)
        leaves = snapshot.state(snapshot.live if full else rows)
        sequence = len(self.sealed) + 1
        in_bundle = snapshot.secret(secret)
        facts = Facts(kind_of(snapshot.kind), self._story.archive_id, epoch, sequence, in_bundle)
        plaintext = plaintext_of(facts, rows, removed, snapshot.bundle)
        file = snapshot.bundle_file(encrypt(plaintext, snapshot.recipients, snapshot.age))
        payload = self._payload_of(snapshot, epoch, full)
        payload["bundles"] = [self._add_bundle(snapshot, file)]
        payload["state_root"] = state_root_of(secret, leaves).hex()
        payload["state_count"] = len(leaves)
        payload = snapshot.manifest(payload, list(self.sealed))
        entry = statement_of(payload, self._story.roots[0].sealer_keys[:1], snapshot.statement)
        if full is None:
            self._full = _Full(epoch, snapshot.live, secret, payload, entry)
        self.sealed.append(Sealed(payload, entry, file, plaintext))
        return entry

    def _add_bundle(self, snapshot: Snapshot, file: bytes) -> Json:
        return add_bundle(self.files, snapshot.segments, file)

    def _payload_of(self, snapshot: Snapshot, epoch: int, full: _Full | None) -> Json:
        before = self.sealed[-1] if self.sealed else None
        return {
            "type": "manifest",
            "version": 1,
            "archive_id": self._story.archive_id.hex(),
            "tenant": self._story.tenant,
            "simulated": True,
            "sequence": len(self.sealed) + 1,
            "previous": hashlib.sha256(before.entry).hexdigest() if before else None,
            "kind": snapshot.kind,
            "epoch": epoch,
            "leans_on": _lean_of(full) if full else None,
            "started_at": text_of(time_of(snapshot.day)),
            "taken_at": text_of(time_of(snapshot.day, minute=17)),
            "graph_date": text_of(time_of(snapshot.day, minute=16)),
            "counts": _counts_of(snapshot),
            "parts": _parts_of(snapshot),
            "gaps": list(snapshot.gaps),
            "recipients": sorted(identity.fingerprint for identity in snapshot.recipients),
            "retain_until": text_of(time_of(snapshot.day + KEPT_DAYS + (0 if full else EPOCH_DAYS))),
            "catalogue_version": "kit-1",
            "software": "forge kit",
        }


def add_bundle(files: dict[str, bytes], segments: Edit[list[bytes]], file: bytes) -> Json:
    """Adds a bundle and its segment list to `files`, and returns what a statement says of it."""
    hashes, digest = segment_hashes_of(file), hashlib.sha256(file).hexdigest()
    name = f"bundles/sha256/{digest[:2]}/{digest}"
    files[f"{name}.age"] = file
    files[f"{name}.seg"] = b"".join(segments(hashes))
    return {
        "sha256": digest,
        "sha512": hashlib.sha512(file).hexdigest(),
        "bytes": len(file),
        "segments_root": root_of(hashes).hex(),
        "leaves": len(hashes),
    }


def _lean_of(full: _Full) -> Json:
    return {
        "sequence": full.payload["sequence"],
        "manifest_sha256": hashlib.sha256(full.entry).hexdigest(),
        "bundle_sha256": full.payload["bundles"][0]["sha256"],
    }


def _difference_of(base: list[ForgedRecord], live: list[ForgedRecord]) -> tuple[list[ForgedRecord], list[bytes]]:
    known = set(base)
    kept = {record.key for record in live}
    return [record for record in live if record not in known], [row.key for row in base if row.key not in kept]


def _counts_of(snapshot: Snapshot) -> Json:
    keys = [record.key.split(b"\x00") for record in snapshot.live]
    records = Counter(key[0].decode() for key in keys)
    objects = Counter(key[0].decode() for key in keys if key[3] == b"o")
    names = {*records, *snapshot.read_but_empty}
    return {name: {"objects": objects[name], "records": records[name]} for name in sorted(names)}


def _parts_of(snapshot: Snapshot) -> Json:
    parts: dict[str, set[str]] = {}
    for key in (record.key.split(b"\x00") for record in snapshot.live):
        if key[3] != b"o":
            parts.setdefault(key[0].decode(), set()).add(key[3][1:].decode())
    return {name: sorted(names) for name, names in sorted(parts.items())}
