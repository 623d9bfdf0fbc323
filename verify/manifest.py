"""Manifests: the signed statement about one snapshot (FORMAT.md section 9.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from verify.bundle_statement import BundleStatement, bundle_statement_of
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


class Count(NamedTuple):
    """Live objects and live records (objects, parts of relations, streams) of one collection."""

    objects: int
    records: int


class LeansOn(NamedTuple):
    """The full that a delta leans on."""

    sequence: int
    manifest_sha256: str
    bundle_sha256: str


@dataclass(frozen=True)
class Manifest(BundleStatement):
    """One snapshot as its sealer signed it; made by `manifest_of` from a verified statement alone."""

    kind: str
    epoch: int
    leans_on: LeansOn | None
    counts: Mapping[str, Count]
    parts: Mapping[str, tuple[str, ...]]
    gaps: tuple[Gap, ...]

    def asked_for(self, collection: str, part: str | None = None) -> bool:
        """Whether the run read a collection, or a relation or stream of it, as far as it could."""
        if part is not None:
            return part in self.parts.get(collection, ())
        return collection in self.counts or any(gap.collection == collection for gap in self.gaps)


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
        **vars(bundle_statement_of(statement, index, _bundle_of(members))),
        kind=kind,
        epoch=members.integer("epoch", 1),
        leans_on=None if members.is_null("leans_on") else _leans_on_of(members.members("leans_on")),
        counts=_counts_of(members.members("counts")),
        parts=_parts_of(members.members("parts")),
        gaps=tuple(_gap_of(item) for item in members.items("gaps")),
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


def _parts_of(members: Members) -> dict[str, tuple[str, ...]]:
    parts = {name: members.texts(name) for name in members.names()}
    for name, named in parts.items():
        if not named or list(named) != sorted(set(named)):
            raise members.malformed(name, "names of relations and streams, sorted, at least one")
    return dict(sorted(parts.items()))


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


def _bundle_of(members: Members) -> Members:
    bundles = list(members.items("bundles"))
    if len(bundles) != 1:
        raise members.malformed("bundles", "an array of one bundle")
    return bundles[0]
