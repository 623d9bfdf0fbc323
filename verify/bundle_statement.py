"""What every statement about a bundle says, of a snapshot or of events (FORMAT.md sections 9.1 and 9.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from verify.constants import MAX_BUNDLE_BYTES
from verify.dsse import VerifiedStatement
from verify.strict_json import Members

_DIGEST_BYTES = 32
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_SHA512_BYTES = 64


class BundleDigest(NamedTuple):
    """What a statement says of the bundle file: hex digests, size in bytes, and the segment tree's root and leaves."""

    sha256: str
    sha512: str
    bytes: int
    segments_root: str
    leaves: int


@dataclass(frozen=True)
class BundleStatement:
    """Whose bundle it is, what was read when, and what came of it.

    `index` is the entry's place in the log, `sha256` the hex digest of the entry's file.
    """

    index: int
    sha256: str
    archive_id: str
    tenant: str
    simulated: bool
    sequence: int
    previous: str | None
    started_at: datetime
    taken_at: datetime
    graph_date: datetime | None
    state_root: bytes
    state_count: int
    bundle: BundleDigest
    recipients: tuple[str, ...]
    retain_until: datetime
    catalogue_version: str
    software: str


def bundle_statement_of(statement: VerifiedStatement, index: int, bundle: Members) -> BundleStatement:
    """Reads it out of a statement that was proved, of which `bundle` is the member about the file.

    Raises:
        MalformedError: a listed member is missing or of another type (F-JSON-2).
    """
    members = statement.members
    return BundleStatement(
        index=index,
        sha256=statement.sha256,
        archive_id=members.hex("archive_id", 16),
        tenant=members.text("tenant"),
        simulated=members.boolean("simulated"),
        sequence=members.integer("sequence", 1),
        previous=None if members.is_null("previous") else members.hex("previous", _DIGEST_BYTES),
        started_at=members.time("started_at"),
        taken_at=members.time("taken_at"),
        graph_date=None if members.is_null("graph_date") else members.time("graph_date"),
        state_root=bytes.fromhex(members.hex("state_root", _DIGEST_BYTES)),
        state_count=members.integer("state_count"),
        bundle=_bundle_digest_of(bundle),
        recipients=_recipients_of(members),
        retain_until=members.time("retain_until"),
        catalogue_version=members.text("catalogue_version"),
        software=members.text("software"),
    )


def _bundle_digest_of(one: Members) -> BundleDigest:
    return BundleDigest(
        one.hex("sha256", _DIGEST_BYTES),
        one.hex("sha512", _SHA512_BYTES),
        one.integer("bytes", 1, MAX_BUNDLE_BYTES),
        one.hex("segments_root", _DIGEST_BYTES),
        one.integer("leaves", 1),
    )


def _recipients_of(members: Members) -> tuple[str, ...]:
    recipients = members.texts("recipients")
    if (
        not recipients
        or list(recipients) != sorted(set(recipients))
        or not all(map(_FINGERPRINT.fullmatch, recipients))
    ):
        raise members.malformed("recipients", "fingerprints of 64 hex digits, sorted, at least one")
    return recipients
