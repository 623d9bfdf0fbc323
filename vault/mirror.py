"""Copies an archive into a directory. Nothing is copied that was not proved, and only what signed evidence names.

Evidence comes first, then bundles, then the checkpoint that commits to them, so that a copy that is cut off is
an older archive and not a broken one. Running it again goes on.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from vault.errors import NameTakenError, StoreError, StoreUnreachableError
from vault.evidence import Evidence
from vault.stores.directory import DirectoryStore
from vault.stores.obstacle import obstacle_at
from verify.archive import Archive
from verify.bundle_statement import BundleDigest
from verify.constants import (
    BUNDLE_FOLDER,
    CHECKPOINT_FOLDER,
    ENTRY_FOLDER,
    HASH_BYTES,
    KEY_FOLDER,
    MAX_CONTROL_BYTES,
    ROOT_FOLDER,
    SO_FAR_FOLDER,
)
from verify.errors import (
    DigestError,
    LogError,
    MissingFileError,
    RefusedError,
    StrongroomError,
    UnreachableArchiveError,
    UsageError,
    WrongArchiveError,
)
from verify.events_statement import EventsStatement
from verify.inventory import Inventory
from verify.manifest import FULL, Manifest
from verify.name import root_name_of
from verify.output_place import is_same_place
from verify.segments import bundle_name_of, proved_segment_list, segment_list_name_of
from verify.store import ArchiveReader, DirectoryReader, content_of

_COPY_BYTES = 4 * 1024 * 1024
_FOLDERS = (BUNDLE_FOLDER, CHECKPOINT_FOLDER, ENTRY_FOLDER, KEY_FOLDER, ROOT_FOLDER, SO_FAR_FOLDER)
_TARGET_STEP = "Name with --to a folder that this account may enter and write, on a file system that takes its name."


class Mirrored(NamedTuple):
    """What the copy holds of what was to be copied.

    `files` and `bytes` count all of it, `copied` the files that this mirroring wrote. `missing` names what the
    source does not have (any more). `ahead`: entries of the copy's log beyond the source's, 0 if there are none.
    `lacking`: snapshots before the first that was asked for whose bundles are not in the copy.
    """

    files: int
    bytes: int
    copied: int
    snapshots: int
    missing: list[str]
    ahead: int
    lacking: int


def require_apart(source: Path, target: Path) -> None:
    """Refuses a copy of an archive onto itself, into itself or around itself.

    Raises:
        RefusedError: one folder is the other, or lies in it.
    """
    first, second = Path(os.path.realpath(source)), Path(os.path.realpath(target))
    if is_same_place(first, second) or first.is_relative_to(second) or second.is_relative_to(first):
        raise RefusedError(
            f"{target} and the archive in {source} are the same folder, or lie in one another",
            next_step="Name a folder apart from the archive with --to, best on another disk.",
        )


def mirror(
    archive: Archive, target: Path, *, since: int, now: datetime, say: Callable[[str], None] = lambda _: None
) -> Mirrored:
    """Copies the evidence of the whole archive, and the bundles of all snapshots from `since` on with their fulls and
    with the events that were sealed since the snapshot before.

    A damaged file of the source is left out, everything else is copied, and then the error is raised. Bundles
    whose retention has passed by `now` and that are gone do not count as missing.

    Raises:
        UsageError: there is no snapshot `since`.
        WrongArchiveError: another archive lies in the target.
        LogError: the target holds another history of this archive.
        NameTakenError: the target holds other bytes under a name.
        StoreError: the target can't be written.
        DigestError, UnreachableArchiveError: files of the source are damaged or can't be read.
        StrongroomError: trust roots or log of the source don't hold; nothing is copied.
    """
    sealed = list(archive.sealed())
    manifests = [one for one in sealed if isinstance(one, Manifest)]
    newest = max((manifest.sequence for manifest in manifests), default=0)
    if since > max(newest, 1):
        raise UsageError(
            f"there is no snapshot {since} to begin with: the newest is {newest}",
            next_step="`strongroom snapshots` lists those that there are.",
        )
    _require_true_folders(target)
    _require_same_archive(archive, target)
    ahead = max(_log_size_in(target) - archive.checkpoint.size, 0)
    expired: Collection[str] = Inventory(dict(archive.reader.list(""))).expired(sealed, now)
    kept = [manifest for manifest in manifests if manifest.bundle.sha256 not in expired]
    evidence = Evidence(archive, [manifest for manifest in reversed(kept) if manifest.kind == FULL])
    copy = _Copy(archive.reader, target)
    for name, content in evidence.files():
        copy.evidence(name, content)
    wanted = _wanted(kept, since)
    for manifest in wanted:
        say(f"snapshot {manifest.sequence}")
        copy.bundle(manifest.bundle)
    for events in _events_since(sealed, since, expired):
        say(f"events {events.sequence}")
        copy.bundle(events.bundle)
    for name, content in evidence.checkpoints():
        copy.evidence(name, content)
    missing = [*evidence.missing, *copy.missing]
    _require_sound([*evidence.faults, *copy.faults], missing, target)
    lacking = sum(not copy.holds(manifest.bundle) for manifest in kept if manifest not in wanted)
    return Mirrored(copy.files, copy.bytes, copy.copied, len(manifests), missing, ahead, lacking)


def _require_true_folders(target: Path) -> None:
    """Refuses a target that can't be a folder, or whose folders lead elsewhere, where what is written would land.

    Raises:
        RefusedError: something else lies in a folder's place, or a folder of the archive is a symbolic link.
        StoreUnreachableError: it can't be looked at.
    """
    try:
        require_no_obstacle(target)
        for name in sorted({Path(folder).parts[0] for folder in _FOLDERS}):
            if (target / name).is_symlink():
                raise _linked(target / name)
            for place, folders, _ in os.walk(target / name, onerror=_raise):
                links = [path for one in sorted(folders) if (path := Path(place, one)).is_symlink()]
                if links:
                    raise _linked(links[0])
        for name in _FOLDERS:
            require_no_obstacle(target / name)
    except OSError as error:
        raise _unseen(target, error) from error


def require_no_obstacle(folder: Path) -> None:
    """Refuses a target where no folder is and none can be made.

    Raises:
        RefusedError: something else lies there, or where a folder above it would be.
        StoreUnreachableError: it can't be looked at.
    """
    try:
        obstacle = obstacle_at(folder)
    except OSError as error:
        raise _unseen(folder, error) from error
    if obstacle:
        raise RefusedError(f"nothing can be copied: {obstacle}", next_step="Name another folder with --to.")


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _linked(place: Path) -> RefusedError:
    return RefusedError(
        f"{place} is a symbolic link, and no part of an archive: what is copied would land where it leads",
        next_step="Remove the link, or name another folder with --to.",
    )


def _unseen(target: Path, error: OSError) -> StoreUnreachableError:
    return StoreUnreachableError(f"{target} can't be looked at: {error.strerror}", next_step=_TARGET_STEP)


def _log_size_in(target: Path) -> int:
    try:
        return DirectoryStore("mirror", target).log_size()
    except StoreError as error:
        error.next_step = _TARGET_STEP
        raise


def _require_same_archive(archive: Archive, target: Path) -> None:
    """The first trust root tells archives apart; where there is none yet, the copy begins here."""
    name = root_name_of(1)
    try:
        found = content_of(DirectoryReader(target), name, MAX_CONTROL_BYTES)
    except UnreachableArchiveError:
        return
    if hashlib.sha256(found).hexdigest() != archive.roots.roots[0].fingerprint:
        raise WrongArchiveError(
            f"{target}/{name} is not the first trust root of archive {archive.archive_id}",
            next_step="Name an empty folder with --to, or the one that holds the mirror of this archive.",
        )


def _require_sound(faults: Sequence[StrongroomError], missing: Sequence[str], target: Path) -> None:
    if not faults:
        return
    lines = [*(fault.message for fault in faults), *(f"{name}: not there" for name in missing)]
    raise type(faults[0])(
        "\n".join(
            [f"everything is in {target} but these files, which the source does not have as they were signed:", *lines]
        ),
        next_step="Fetch the files that are named from another store or medium; run it again after that.",
    )


def _wanted(manifests: Iterable[Manifest], since: int) -> list[Manifest]:
    """Snapshots from `since` on, and the fulls that they lean on; oldest first."""
    by_sequence = {manifest.sequence: manifest for manifest in manifests}
    chosen = {number for number in by_sequence if number >= since}
    chosen |= {one.leans_on.sequence for number in chosen if (one := by_sequence[number]).leans_on is not None}
    return [by_sequence[number] for number in sorted(chosen) if number in by_sequence]


def _events_since(
    sealed: Iterable[Manifest | EventsStatement], since: int, expired: Collection[str]
) -> list[EventsStatement]:
    """Events that were sealed after the snapshot before `since`, and have not expired; oldest first."""
    earlier = (one.index for one in sealed if isinstance(one, Manifest) and one.sequence < since)
    low = max(earlier, default=-1)
    events = [one for one in sealed if isinstance(one, EventsStatement)]
    chosen = [one for one in events if one.index > low and one.bundle.sha256 not in expired]
    return sorted(chosen, key=lambda one: one.index)


class _Copy:
    """The copy, file by file; counts what it holds, and notes what the source could not give."""

    def __init__(self, reader: ArchiveReader, target: Path) -> None:
        self.files = self.bytes = self.copied = 0
        self.missing: list[str] = []
        self.faults: list[StrongroomError] = []
        self._reader = reader
        self._target = target
        self._store = DirectoryStore("mirror", target)

    def evidence(self, name: str, proved: bytes) -> None:
        """Copies a file whose content is proved. Raises LogError if the target has another entry there."""
        try:
            self._put(name, [proved], hashlib.sha256(proved).hexdigest())
        except NameTakenError as error:
            if name.startswith(f"{ENTRY_FOLDER}/"):
                raise LogError(f"{self._target}/{name} is another entry than the source's: two histories") from error
            raise

    def bundle(self, bundle: BundleDigest) -> None:
        """Copies a bundle and its segment list, unless the source lacks them or they are not what was signed."""
        for name, copy in (
            (bundle_name_of(bundle.sha256), self._bundle_file),
            (segment_list_name_of(bundle.sha256), self._segment_list),
        ):
            try:
                copy(name, bundle)
            except MissingFileError:
                self.missing.append(name)
            except (DigestError, UnreachableArchiveError) as error:
                self.faults.append(error)

    def holds(self, bundle: BundleDigest) -> bool:
        """Whether a bundle's file lies in the copy, by its name."""
        return os.path.lexists(self._target / bundle_name_of(bundle.sha256))

    def _bundle_file(self, name: str, bundle: BundleDigest) -> None:
        self._put(name, self._proved(name, bundle), bundle.sha256)

    def _segment_list(self, name: str, bundle: BundleDigest) -> None:
        content = proved_segment_list(content_of(self._reader, name, bundle.leaves * HASH_BYTES), bundle)
        self._put(name, [content], hashlib.sha256(content).hexdigest())

    def _proved(self, name: str, bundle: BundleDigest) -> Iterator[bytes]:
        """Yields a bundle's bytes, and raises DigestError before the end of what is not the bundle that was signed."""
        size = self._reader.size(name)
        if size != bundle.bytes:
            raise DigestError(f"{name}: has {size} bytes, and its manifest says {bundle.bytes}")
        digest = hashlib.sha256()
        for at in range(0, size, _COPY_BYTES):
            content = self._reader.read(name, at, min(_COPY_BYTES, size - at))
            digest.update(content)
            yield content
        if digest.hexdigest() != bundle.sha256:
            raise DigestError(f"{name}: its SHA-256 is not its name (F-NAME-1)")

    def _put(self, name: str, content: Iterable[bytes], sha256: str) -> None:
        try:
            is_taken = False

            def taken() -> Iterator[bytes]:
                """Nothing is taken from `content` where the target holds the file already."""
                nonlocal is_taken
                is_taken = True
                yield from content

            receipt = self._store.receive(name, taken(), sha256)
        except NameTakenError as error:
            error.next_step = f"Move {self._target / name} away, find out what it is, and run it again."
            raise
        except StoreError as error:
            error.next_step = f"See to {self._target}: room, right to write, disk. Run it again: it goes on from here."
            raise
        self.files += 1
        self.copied += is_taken
        self.bytes += receipt.bytes
