"""Canaries, and the evidence that is carried forward beside each full (checks C11 and C12)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from verify.canary import CanaryStatement, canary_name_of, check_canary, check_canary_statement
from verify.carried import Copy, carried_file_of
from verify.constants import HASH_BYTES, MAX_CONTROL_BYTES
from verify.errors import (
    DigestError,
    MalformedError,
    MissingFileError,
    SignatureError,
    StrongroomError,
    WrongArchiveError,
)
from verify.events_statement import EventsStatement
from verify.manifest import Manifest
from verify.name import (
    carried_name_of,
    entry_name_of,
    is_part_of_an_archive,
    root_name_of,
    so_far_name_of,
    so_far_size_of,
)
from verify.store import ArchiveReader, content_of
from verify.strict_json import Members, members_of
from verify.trust_root import RootChain

Fault = tuple[str, StrongroomError]
"""The name of a file, and what is wrong with it."""


def faults_of_canaries(
    reader: ArchiveReader,
    roots: RootChain,
    sealed: Sequence[Manifest | EventsStatement],
    proofs: Sequence[CanaryStatement],
) -> Iterator[Fault]:
    """Yields what breaks F-CAN-1 and F-CAN-2, and recipients in use that nobody had proved before.

    `sealed` are the statements about bundles, in the log's order.
    """
    named = roots.recipients
    for fingerprint, trusted in named.items():
        name = canary_name_of(fingerprint)
        try:
            check_canary(trusted, content_of(reader, name, MAX_CONTROL_BYTES))
        except MissingFileError as error:
            yield name, DigestError(f"{name}: missing", next_step=error.next_step)
        except StrongroomError as error:
            yield name, error
    proved: dict[str, int] = {}
    for proof in proofs:
        name = entry_name_of(proof.index)
        if proof.recipient not in named:
            yield name, SignatureError(f"{name}: proves a recipient that no trust root names")
            continue
        try:
            check_canary_statement(named[proof.recipient], proof, name)
            proved.setdefault(proof.recipient, proof.index)
        except StrongroomError as error:
            yield name, error
    first_use: dict[str, Manifest | EventsStatement] = {}
    for manifest in sealed:
        for fingerprint in manifest.recipients:
            first_use.setdefault(fingerprint, manifest)
    for fingerprint, manifest in first_use.items():
        if fingerprint in named and proved.get(fingerprint, manifest.index) >= manifest.index:
            name = entry_name_of(manifest.index)
            yield (
                name,
                SignatureError(f"{name}: sealed to recipient {fingerprint[:16]}… before anybody had opened its canary"),
            )


def faults_of_evidence(
    reader: ArchiveReader, inventory: Mapping[str, int], archive_id: str, leaves: bytes, fulls: Sequence[Manifest]
) -> Iterator[Fault]:
    """Yields what breaks F-FWD-1: lists and copies that differ, and those that a full ought to have beside it."""
    size = len(leaves) // HASH_BYTES
    present = {at for name in inventory if (at := so_far_size_of(name)) is not None}
    wanted = {full.index + 1 for full in fulls}
    recipients = {full.index + 1: full.recipients for full in fulls}
    for at in sorted(present | wanted):
        if at > size:
            continue
        name = so_far_name_of(at)
        try:
            if content_of(reader, name, at * HASH_BYTES) != leaves[: at * HASH_BYTES]:
                raise DigestError(f"{name}: not the leaf hashes of the log (F-FWD-1)")
        except StrongroomError as error:
            yield name, _beside_a_full(error, name)
        name = carried_name_of(at)
        try:
            _check_copies(reader, name, archive_id, recipients.get(at, ()))
        except StrongroomError as error:
            yield name, _beside_a_full(error, name)


def _beside_a_full(error: StrongroomError, name: str) -> StrongroomError:
    if isinstance(error, MissingFileError):
        return DigestError(f"{name}: missing beside its full (F-FWD-1)", next_step=error.next_step)
    return error


def _check_copies(reader: ArchiveReader, name: str, archive_id: str, recipients: Sequence[str]) -> None:
    content = content_of(reader, name, MAX_CONTROL_BYTES)
    members = members_of(content, name)
    if members.text("type") != "roots" or members.integer("version") != 1:
        raise members.malformed("type", "roots, version 1")
    if members.hex("archive_id", 16) != archive_id:
        raise WrongArchiveError(f"{name}: of archive {members.text('archive_id')}, not {archive_id}")
    copies = {kind: [_checked_copy(item, reader) for item in members.items(kind)] for kind in ("roots", "canaries")}
    roots, canaries = ([name for name, _ in copies[kind]] for kind in ("roots", "canaries"))
    if not roots or roots != [root_name_of(number) for number in range(1, len(roots) + 1)]:
        raise DigestError(f"{name}: does not hold all trust roots from the first (F-FWD-1)")
    if not {canary_name_of(fingerprint) for fingerprint in recipients} <= set(canaries):
        raise DigestError(f"{name}: lacks the canary of a recipient of its full (F-FWD-1)")
    if content != carried_file_of(archive_id, copies["roots"], copies["canaries"]):
        raise DigestError(f"{name}: holds what it must, in another spelling than a writer's: altered (F-FWD-2)")


def _checked_copy(item: Members, reader: ArchiveReader) -> Copy:
    original, copied = item.text("name"), item.base64("bytes")
    if not is_part_of_an_archive(original) or ".." in original:
        raise MalformedError(f"{item.what}: {original[:80]!r} is no name in an archive")
    try:
        content = content_of(reader, original, MAX_CONTROL_BYTES)
    except MissingFileError as error:
        raise DigestError(f"{item.what}: a copy of {original}, which is missing") from error
    if content != copied:
        raise DigestError(f"{item.what}: not a copy of {original} (F-FWD-1)")
    return original, copied
