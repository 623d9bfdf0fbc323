"""The footer of a bundle: the last 208 bytes of its plaintext (FORMAT.md section 6.5)."""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import NamedTuple, Protocol

from verify.constants import (
    FOOTER,
    FOOTER_FRAME_BYTES,
    FOOTER_LABEL,
    FOOTER_MAGIC,
    FOOTER_PAYLOAD_BYTES,
    HASH_BYTES,
    KIND_DELTA,
    KIND_EVENTS,
    KIND_FULL,
    MAX_BLOCKS,
    SKIPPABLE_HEADER_BYTES,
)
from verify.errors import MalformedError, WrongArchiveError
from verify.events_statement import EVENTS
from verify.frame import skippable_payload_bytes_of
from verify.manifest import DELTA, FULL

_KINDS = {KIND_FULL: FULL, KIND_DELTA: DELTA, KIND_EVENTS: EVENTS}
_LEAST_BLOCK_BYTES = 64
"""A data frame of one line and the page of one key have more together: 10 and 12 + 10 + 32 bytes without a key."""
_RESERVED = (slice(9, 16), slice(100, 104))


class SealedAs(Protocol):
    """What the signed statement about a bundle says of it that its footer says too: a manifest, or one of events."""

    @property
    def archive_id(self) -> str:
        """32 hex digits."""
        ...

    @property
    def kind(self) -> str:
        """`full`, `delta` or `events`."""
        ...

    @property
    def epoch(self) -> int:
        """The number of the epoch, 0 for events."""
        ...

    @property
    def sequence(self) -> int:
        """The number of the statement among its like."""
        ...


class Footer(NamedTuple):
    """What the footer states. Offsets are in the plaintext; the epoch secret is 32 bytes."""

    label: bytes
    kind: int
    archive_id: bytes
    epoch: int
    sequence: int
    rows: int
    tombstones: int
    object_table_at: int
    block_table_at: int
    tombstones_at: int
    footer_at: int
    blocks: int
    epoch_secret: bytes
    block_table_sha256: bytes
    tombstones_sha256: bytes


def footer_of(unverified: bytes, plaintext_bytes: int, manifest: SealedAs, what: str) -> Footer:
    """Parses the footer's frame (208 bytes) and proves that it is the footer of the bundle that was signed for.

    Raises:
        MalformedError: F-BUN-1, -4, -5 or -6, F-LIM-1.
        WrongArchiveError: the bundle belongs to another archive.
    """
    payload = unverified[SKIPPABLE_HEADER_BYTES:]
    stated = skippable_payload_bytes_of(unverified[:SKIPPABLE_HEADER_BYTES], FOOTER_MAGIC, what)
    if stated != FOOTER_PAYLOAD_BYTES or len(payload) != FOOTER_PAYLOAD_BYTES:
        raise MalformedError(f"{what}: the footer is not {FOOTER_PAYLOAD_BYTES} bytes long")
    footer = Footer(*struct.unpack(FOOTER, payload))
    if footer.label != FOOTER_LABEL or any(any(payload[place]) for place in _RESERVED):
        raise MalformedError(f"{what}: the footer's label or its reserved bytes are not those of format 1")
    if footer.archive_id.hex() != manifest.archive_id:
        raise WrongArchiveError(f"{what}: sealed for archive {footer.archive_id.hex()}, not {manifest.archive_id}")
    if _KINDS.get(footer.kind) != manifest.kind:
        raise MalformedError(f"{what}: the footer's kind {footer.kind} is not the manifest's {manifest.kind}")
    if (footer.epoch, footer.sequence) != (manifest.epoch, manifest.sequence):
        noun = "events" if footer.kind == KIND_EVENTS else "snapshot"
        raise MalformedError(
            f"{what}: sealed as {noun} {footer.sequence} of epoch {footer.epoch}, "
            f"and the manifest is that of {noun} {manifest.sequence} of epoch {manifest.epoch}"
        )
    if footer.kind != KIND_DELTA and footer.tombstones:
        raise MalformedError(f"{what}: a bundle that is no delta has {footer.tombstones} tombstones (F-BUN-5)")
    places = (footer.object_table_at, footer.block_table_at, footer.tombstones_at, footer.footer_at)
    if footer.footer_at != plaintext_bytes - FOOTER_FRAME_BYTES or any(
        after < before + SKIPPABLE_HEADER_BYTES for before, after in pairwise(places)
    ):
        raise MalformedError(f"{what}: the footer's offsets do not follow each other (F-BUN-1)")
    if footer.rows * HASH_BYTES > footer.block_table_at or footer.blocks * _LEAST_BLOCK_BYTES > footer.block_table_at:
        raise MalformedError(f"{what}: states more rows or blocks than its plaintext has room for (F-LIM-1)")
    if footer.blocks > MAX_BLOCKS or footer.blocks > footer.rows or bool(footer.blocks) != bool(footer.rows):
        raise MalformedError(f"{what}: {footer.blocks} blocks for {footer.rows} rows")
    return footer
