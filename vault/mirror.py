"""Copies an archive into a directory, proving every digest on the way.

Signed evidence comes first (trust roots, canaries, log), then bundles, then the checkpoint that commits to
them, so that a copy that is cut off is an older archive and not a broken one. Running it again goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from vault.errors import StoreUnreachableError
from vault.stores.directory import DirectoryStore
from verify.archive import Archive
from verify.constants import KEY_FOLDER, ROOT_FOLDER, SO_FAR_FOLDER
from verify.errors import DigestError, MissingFileError
from verify.manifest import Manifest
from verify.name import checkpoint_name_of, entry_name_of
from verify.segments import bundle_name_of, proved_segment_list, segment_list_name_of
from verify.store import ArchiveReader

_COPY_BYTES = 4 * 1024 * 1024


class Mirrored(NamedTuple):
    """What was copied; `missing` lists bundles that the source does not have (any more)."""

    files: int
    bytes: int
    snapshots: int
    missing: list[str]


def mirror(archive: Archive, target: Path, *, since: int, say: Callable[[str], None] = lambda _: None) -> Mirrored:
    """Copies the archive: the whole log, and the bundles of all snapshots from `since` on with their fulls.

    Raises:
        DigestError: a file of the source is not what its name or the log says; it is not copied.
        NameTakenError: the target holds other bytes under a name.
        StoreError: the target can't be written.
    """
    store = DirectoryStore("mirror", target)
    reader = archive.reader
    files = size = 0
    missing: list[str] = []
    manifests = list(archive.manifests())
    with TemporaryDirectory(prefix=".mirror-", dir=_made(target)) as folder:
        copy = _Copy(reader, store, Path(folder) / "file")
        for name in _evidence_of(reader, archive):
            size += copy.whole(name, None)
            files += 1
        for manifest in _wanted(manifests, since):
            digests = {
                bundle_name_of(manifest.bundle.sha256): manifest.bundle.sha256,
                segment_list_name_of(manifest.bundle.sha256): None,
            }
            say(f"snapshot {manifest.sequence}")
            for name, digest in digests.items():
                try:
                    size += copy.whole(name, digest, manifest)
                    files += 1
                except MissingFileError:
                    missing.append(name)
        size += copy.whole(checkpoint_name_of(archive.checkpoint.size), None)
    return Mirrored(files + 1, size, len(manifests), missing)


def _made(target: Path) -> Path:
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnreachableError(f"{target} can't be made: {error.strerror}") from error
    return target


def _evidence_of(reader: ArchiveReader, archive: Archive) -> Iterator[str]:
    for folder in (ROOT_FOLDER, KEY_FOLDER):
        for name, _ in reader.list(f"{folder}/"):
            yield name
    for index, _ in sorted(archive.statements()):
        yield entry_name_of(index)
    for name, _ in reader.list(f"{SO_FAR_FOLDER}/"):
        yield name


def _wanted(manifests: Iterable[Manifest], since: int) -> list[Manifest]:
    """Snapshots from `since` on, and the fulls that they lean on; oldest first."""
    by_sequence = {manifest.sequence: manifest for manifest in manifests}
    chosen = {number for number in by_sequence if number >= since}
    chosen |= {
        by_sequence[number].leans_on.sequence  # type: ignore[union-attr]
        for number in chosen
        if by_sequence[number].leans_on is not None
    }
    return [by_sequence[number] for number in sorted(chosen) if number in by_sequence]


class _Copy:
    """Copies one file at a time through a temporary file, whose digest is known before it gets its name."""

    def __init__(self, reader: ArchiveReader, store: DirectoryStore, temporary: Path) -> None:
        self._reader = reader
        self._store = store
        self._temporary = temporary

    def whole(self, name: str, sha256: str | None, manifest: Manifest | None = None) -> int:
        """Copies a file and returns its size.

        `sha256` is what it must be; without it, a segment list is proved against its manifest, and every other
        file was proved when the archive was opened, or is by whoever verifies the copy.
        """
        size = self._reader.size(name)
        digest = hashlib.sha256()
        with self._temporary.open("wb") as target:
            for at in range(0, size, _COPY_BYTES):
                content = self._reader.read(name, at, min(_COPY_BYTES, size - at))
                digest.update(content)
                target.write(content)
        if sha256 is not None and digest.hexdigest() != sha256:
            raise DigestError(f"{name}: its bytes are not those that its manifest names")
        if manifest is not None and sha256 is None:
            proved_segment_list(self._temporary.read_bytes(), manifest.bundle)
        self._store.put(name, self._temporary, digest.hexdigest(), datetime.max)
        self._temporary.unlink()
        return size
