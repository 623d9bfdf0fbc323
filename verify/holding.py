"""Bundle files as they lie in a store, checked without any key (checks C08 and C09)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from verify.bundle_statement import BundleDigest
from verify.check import CheckList
from verify.constants import SEGMENT_BYTES
from verify.coverage import Coverage
from verify.errors import DigestError, MissingFileError, StrongroomError, UnreachableArchiveError
from verify.parallel import results_of
from verify.segments import (
    bundle_name_of,
    proved_segment_list,
    require_length,
    segment_hashes_of,
    segment_list_name_of,
)
from verify.store import ArchiveReader
from verify.wording import counted

_READ_BYTES = 64 * SEGMENT_BYTES
_ERRORS: dict[str, type[StrongroomError]] = {error.__name__: error for error in (DigestError, UnreachableArchiveError)}

Fault = tuple[str, str, StrongroomError]
"""The check, the name of the file, and what is wrong with it."""


def faults_of_size(reader: ArchiveReader, bundle: BundleDigest) -> list[Fault]:
    """Returns what a look at the sizes finds, before anything is read."""
    name = bundle_name_of(bundle.sha256)
    try:
        size = reader.size(name)
    except MissingFileError as error:
        return [("C08", name, DigestError(f"{name}: missing", next_step=error.next_step))]
    except UnreachableArchiveError as error:
        return [("C08", name, error)]
    if size != bundle.bytes:
        return [("C08", name, DigestError(f"{name}: has {size} bytes, and its manifest says {bundle.bytes}"))]
    return []


def faults_of_presence(reader: ArchiveReader, sizes: Mapping[str, int], bundle: BundleDigest) -> list[Fault]:
    """Returns what is wrong with presence and size of a bundle and its segment list; reads neither.

    `sizes` is a listing of the archive. Only what it contradicts is asked for: it may have been written since.
    """
    faults = [] if sizes.get(bundle_name_of(bundle.sha256)) == bundle.bytes else faults_of_size(reader, bundle)
    name = segment_list_name_of(bundle.sha256)
    try:
        require_length(sizes[name] if name in sizes else reader.size(name), bundle)
    except MissingFileError as error:
        faults.append(("C09", name, DigestError(f"{name}: missing", next_step=error.next_step)))
    except (DigestError, UnreachableArchiveError) as error:
        faults.append(("C09", name, error))
    return faults


def faults_of_bundles(reader: ArchiveReader, bundles: Sequence[BundleDigest]) -> list[Fault]:
    """Reads bundle files through and returns what is wrong with them; several at once where that is possible."""

    def work(task: int) -> bytes:
        faults = faults_of_bundle(reader, bundles[task])
        return json.dumps(
            [(check, name, _name_of(error), error.message, error.next_step) for check, name, error in faults]
        ).encode()

    if not reader.forkable or len(bundles) < 2:
        return [fault for bundle in bundles for fault in faults_of_bundle(reader, bundle)]
    results = sorted(results_of(work, len(bundles)))
    return [
        (check, name, _ERRORS[error](message, next_step=next_step))
        for _, result in results
        for check, name, error, message, next_step in json.loads(result)
    ]


def faults_of_bundle(reader: ArchiveReader, bundle: BundleDigest) -> list[Fault]:
    """Reads one bundle file and its segment list, and returns what is wrong with them."""
    faults = faults_of_size(reader, bundle)
    try:
        expected = _segment_list(reader, bundle)
    except (DigestError, UnreachableArchiveError) as error:
        faults.append(("C09", segment_list_name_of(bundle.sha256), error))
        expected = None
    if any(check == "C08" for check, _, _ in faults):
        return faults
    name = bundle_name_of(bundle.sha256)
    try:
        return faults + _faults_of_content(reader, bundle, expected)
    except UnreachableArchiveError as error:
        return [*faults, ("C08", name, error)]


def _segment_list(reader: ArchiveReader, bundle: BundleDigest) -> bytes:
    name = segment_list_name_of(bundle.sha256)
    try:
        length = -(-bundle.bytes // SEGMENT_BYTES) * 32
        return proved_segment_list(reader.read(name, 0, length + 1), bundle)
    except MissingFileError as error:
        raise DigestError(f"{name}: missing", next_step=error.next_step) from error


def _faults_of_content(reader: ArchiveReader, bundle: BundleDigest, expected: bytes | None) -> list[Fault]:
    name = bundle_name_of(bundle.sha256)
    sha256, sha512 = hashlib.sha256(), hashlib.sha512()
    segments = []
    for offset in range(0, bundle.bytes, _READ_BYTES):
        content = reader.read(name, offset, min(_READ_BYTES, bundle.bytes - offset))
        sha256.update(content)
        sha512.update(content)
        segments.append(segment_hashes_of(content))
    faults: list[Fault] = []
    if sha256.hexdigest() != bundle.sha256:
        faults.append(("C08", name, DigestError(f"{name}: its SHA-256 is not its name (F-NAME-1)")))
    elif sha512.hexdigest() != bundle.sha512:
        faults.append(("C08", name, DigestError(f"{name}: its SHA-512 is not the one that its manifest signs")))
    found = b"".join(segments)
    if expected is not None and found != expected:
        bad = [at // 32 for at in range(0, len(expected), 32) if found[at : at + 32] != expected[at : at + 32]]
        error = DigestError(
            f"{name}: {len(bad)} of {len(expected) // 32} segments are damaged, "
            f"the first from byte {bad[0] * SEGMENT_BYTES if bad else 0} on"
        )
        faults.append(("C09", name, error))
    return faults


def note_files(checks: CheckList, coverage: Coverage) -> None:
    """Notes C08 and C09 as passed, in words for what was read and what was not, unless they failed."""
    read, unread = coverage.read, coverage.unread
    if not read and not unread:
        for id_ in ("C08", "C09"):
            checks.not_checked(id_, "there is no bundle to look at", exists=False)
        return
    total = sum(bundle.bytes for bundle in read) / 1e6
    rest = f"; {len(unread):,} more by presence and size, and not read" if unread else ""
    checks.passed("C08", f"{counted(len(read), 'bundle')} read, {total:,.1f} MB: name, SHA-512 and size{rest}")
    lists = counted(len(read), "list")
    checks.passed("C09", f"{lists} of {counted(sum(one.leaves for one in read), 'segment')} read{rest}")


def _name_of(error: StrongroomError) -> str:
    return next(name for name, class_ in _ERRORS.items() if isinstance(error, class_))
