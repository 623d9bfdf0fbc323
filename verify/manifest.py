"""Manifests: the signed statement about one snapshot (FORMAT.md section 9.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from verify.constants import MAX_BUNDLE_BYTES
from verify.dsse import VerifiedStatement
from verify.errors import MalformedError
from verify.gap import Gap
from verify.strict_json import Members

FULL, DELTA = "full", "delta"

REASONS = frozenset(
    (
        "forbidden",
        "licence-missing",
        "delegated-only",
        "throttled-out",
        "malformed-page",
        "unreachable",
        "server-error",
        "not-found",
        "foreign-link",
        "interrupted",
    )
)
"""The words for why something is missing."""

_DIGEST_BYTES = 32
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_SHA512_BYTES = 64


class Count(NamedTuple):
    """Live objects and live records (objects, parts of relations, streams) of one collection."""

    objects: int
    records: int


class BundleDigest(NamedTuple):
    """What a manifest says of the bundle file: hex digests, size in bytes, and the segment tree's root and leaves."""

    sha256: str
    sha512: str
    bytes: int
    segments_root: str
    leaves: int


class LeansOn(NamedTuple):
    """The full that a delta leans on."""

    sequence: int
    manifest_sha256: str
    bundle_sha256: str


@dataclass(frozen=True)
class Manifest:
    """One snapshot as its sealer signed it; made by `manifest_of` from a verified statement alone.

    `index` is the entry's place in the log, `sha256` the hex digest of the entry's file.
    """

    index: int
    sha256: str
    archive_id: str
    tenant: str
    simulated: bool
    sequence: int
    previous: str | None
    kind: str
    epoch: int
    leans_on: LeansOn | None
    started_at: datetime
    taken_at: datetime
    graph_date: datetime | None
    counts: Mapping[str, Count]
    gaps: tuple[Gap, ...]
    state_root: bytes
    state_count: int
    bundle: BundleDigest
    recipients: tuple[str, ...]
    retain_until: datetime
    catalogue_version: str
    software: str


def manifest_of(statement: VerifiedStatement, index: int) -> Manifest:
    """Reads the manifest out of a statement that was proved.

    Raises:
        MalformedError: a listed member is missing or of another type (F-JSON-2).
    """
    members = statement.members
    if statement.type != "manifest":
        raise MalformedError(f"{members.what}: a statement of type {statement.type!r}, not a manifest")
    kind = members.text("kind")
    if kind not in (FULL, DELTA):
        raise members.malformed("kind", "full or delta")
    return Manifest(
        index=index,
        sha256=statement.sha256,
        archive_id=members.hex("archive_id", 16),
        tenant=members.text("tenant"),
        simulated=members.boolean("simulated"),
        sequence=members.integer("sequence", 1),
        previous=None if members.is_null("previous") else members.hex("previous", _DIGEST_BYTES),
        kind=kind,
        epoch=members.integer("epoch", 1),
        leans_on=None if members.is_null("leans_on") else _leans_on_of(members.members("leans_on")),
        started_at=members.time("started_at"),
        taken_at=members.time("taken_at"),
        graph_date=None if members.is_null("graph_date") else members.time("graph_date"),
        counts=_counts_of(members.members("counts")),
        gaps=tuple(_gap_of(item) for item in members.items("gaps")),
        state_root=bytes.fromhex(members.hex("state_root", _DIGEST_BYTES)),
        state_count=members.integer("state_count"),
        bundle=_bundle_of(members),
        recipients=recipients_of(members),
        retain_until=members.time("retain_until"),
        catalogue_version=members.text("catalogue_version"),
        software=members.text("software"),
    )


def _leans_on_of(members: Members) -> LeansOn:
    return LeansOn(
        members.integer("sequence", 1),
        members.hex("manifest_sha256", _DIGEST_BYTES),
        members.hex("bundle_sha256", _DIGEST_BYTES),
    )


def _counts_of(members: Members) -> dict[str, Count]:
    counts = {}
    for name in members.names():
        one = members.members(name)
        records = one.integer("records")
        counts[name] = Count(one.integer("objects", 0, records), records)
    return dict(sorted(counts.items()))


def _gap_of(members: Members) -> Gap:
    reason = members.text("reason")
    if reason not in REASONS:
        raise members.malformed("reason", "one of the words of FORMAT.md section 9.1")
    return Gap(
        members.text("collection"),
        None if members.is_null("relation") else members.text("relation"),
        None if members.is_null("id") else members.text("id"),
        reason,
        members.text("detail"),
    )


def _bundle_of(members: Members) -> BundleDigest:
    bundles = list(members.items("bundles"))
    if len(bundles) != 1:
        raise members.malformed("bundles", "an array of one bundle")
    return bundle_digest_of(bundles[0])


def bundle_digest_of(one: Members) -> BundleDigest:
    """Reads what a statement says of a bundle file. Raises MalformedError (F-JSON-2)."""
    return BundleDigest(
        one.hex("sha256", _DIGEST_BYTES),
        one.hex("sha512", _SHA512_BYTES),
        one.integer("bytes", 1, MAX_BUNDLE_BYTES),
        one.hex("segments_root", _DIGEST_BYTES),
        one.integer("leaves", 1),
    )


def recipients_of(members: Members) -> tuple[str, ...]:
    """Reads the fingerprints of a bundle's recipients. Raises MalformedError (F-JSON-2)."""
    recipients = members.texts("recipients")
    if (
        not recipients
        or list(recipients) != sorted(set(recipients))
        or not all(map(_FINGERPRINT.fullmatch, recipients))
    ):
        raise members.malformed("recipients", "fingerprints of 64 hex digits, sorted, at least one")
    return recipients
