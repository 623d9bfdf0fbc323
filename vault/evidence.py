"""The signed evidence of an archive: every small file that proves the bundles, each proved before it is handed out.

That is trust roots, canaries, the entries below the newest checkpoint, the checkpoints, and what was carried forward
beside the fulls. A file that nothing names is no evidence and is never read, however it is called or however long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from verify.archive import Archive
from verify.canary import canary_name_of, check_canary
from verify.checkpoint import verified_checkpoint
from verify.constants import CHECKPOINT_FOLDER, HASH_BYTES, MAX_CHECKPOINT_BYTES, MAX_CONTROL_BYTES
from verify.custody import faults_of_evidence
from verify.errors import DigestError, LogError, MissingFileError, StrongroomError
from verify.history import older_checkpoint_in
from verify.manifest import Manifest
from verify.name import checkpoint_name_of, checkpoint_size_of, entry_name_of, root_name_of, so_far_name_of
from verify.store import content_of
from verify.tree import GrowingTree, leaf_hash_of

File = tuple[str, bytes]


class Evidence:
    """What is copied of an archive besides bundles.

    While it is read, `missing` gathers names of files that are not there, and `faults` what is wrong with those
    that are not what was signed; neither is handed out. `fulls` are those beside which evidence has to lie.
    """

    def __init__(self, archive: Archive, fulls: Sequence[Manifest]) -> None:
        self.missing: list[str] = []
        self.faults: list[StrongroomError] = []
        self._archive = archive
        self._fulls = fulls

    def files(self) -> Iterator[File]:
        """Yields name and content of all evidence but the checkpoints.

        Raises:
            DigestError, LogError: a trust root or an entry is not the one that was proved when the archive was opened.
            UnreachableArchiveError: the archive can't be read.
        """
        held = dict(self._roots())
        held |= self._canaries()
        yield from held.items()
        yield from self._entries()
        for full in self._fulls:
            yield from self._carried_forward(full, held)

    def checkpoints(self) -> Iterator[File]:
        """Yields the older checkpoints that are there, and last the one with which the archive was opened.

        A store asks for an older one when it goes on where it stopped.

        Raises:
            StrongroomError: the newest is not what it was when the archive was opened.
        """
        proved, reader = self._archive.checkpoint, self._archive.reader
        tree, leaves = GrowingTree(), self._archive.leaves
        sizes = (checkpoint_size_of(name) for name, _ in reader.list(f"{CHECKPOINT_FOLDER}/"))
        for size in sorted(size for size in sizes if size is not None and size < proved.size):
            while tree.size < size:
                tree.append(leaves[tree.size * HASH_BYTES : (tree.size + 1) * HASH_BYTES])
            yield from self._older_checkpoint(size, tree.root())
        name = checkpoint_name_of(proved.size)
        content = content_of(reader, name, MAX_CHECKPOINT_BYTES)
        if verified_checkpoint(content, self._archive.roots.newest.log, proved.size, name).root != proved.root:
            raise LogError(f"{name}: another one than a moment ago")
        yield name, content

    def _older_checkpoint(self, size: int, root: bytes) -> Iterator[File]:
        name = checkpoint_name_of(size)
        content = self._read(name, MAX_CHECKPOINT_BYTES)
        try:
            if content is not None and older_checkpoint_in(content, self._archive.roots, size).root == root:
                yield name, content
            elif content is not None:
                self.faults.append(LogError(f"{name}: signed for another history than that of the entries before it"))
        except StrongroomError as error:
            self.faults.append(error)

    def _roots(self) -> Iterator[File]:
        for root in self._archive.roots.roots:
            name = root_name_of(root.number)
            content = content_of(self._archive.reader, name, MAX_CONTROL_BYTES)
            if hashlib.sha256(content).hexdigest() != root.fingerprint:
                raise DigestError(f"{name}: another one than a moment ago")
            yield name, content

    def _canaries(self) -> dict[str, bytes]:
        canaries = {}
        for fingerprint, trusted in self._archive.roots.recipients.items():
            name = canary_name_of(fingerprint)
            content = self._read(name, MAX_CONTROL_BYTES)
            if content is None:
                continue
            try:
                check_canary(trusted, content)
                canaries[name] = content
            except StrongroomError as error:
                self.faults.append(error)
        return canaries

    def _entries(self) -> Iterator[File]:
        leaves = self._archive.leaves
        for index in range(self._archive.checkpoint.size):
            name = entry_name_of(index)
            content = content_of(self._archive.reader, name, MAX_CONTROL_BYTES)
            if leaf_hash_of(content) != leaves[index * HASH_BYTES : (index + 1) * HASH_BYTES]:
                raise LogError(f"{name}: another one than a moment ago")
            yield name, content

    def _carried_forward(self, full: Manifest, held: Mapping[str, bytes]) -> Iterator[File]:
        """The list of leaf hashes and the copies of roots and canaries that lie beside a full."""
        size = full.index + 1
        name = so_far_name_of(size)
        found = {name: self._read(name, size * HASH_BYTES)}
        found[f"{name}.roots.json"] = self._read(f"{name}.roots.json", MAX_CONTROL_BYTES)
        there = {name: content for name, content in found.items() if content is not None}
        faults = dict(
            faults_of_evidence(_Held({**held, **there}), {}, self._archive.archive_id, self._archive.leaves, [full])
        )
        self.faults += [error for name, error in faults.items() if name in there]
        yield from ((name, content) for name, content in there.items() if name not in faults)

    def _read(self, name: str, most: int) -> bytes | None:
        """A file of at most `most` bytes, a longer one cut one byte above; None, and noted, if it can't be read."""
        try:
            return content_of(self._archive.reader, name, most)
        except MissingFileError:
            self.missing.append(name)
        except StrongroomError as error:
            self.faults.append(error)
        return None


class _Held:
    """A reader of files in memory, so that what is proved and what is handed out are the same bytes."""

    forkable = False

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """See `ArchiveReader.list`."""
        return ((name, len(content)) for name, content in sorted(self._files.items()) if name.startswith(prefix))

    def others(self) -> Iterator[str]:
        """See `ArchiveReader.others`."""
        return iter(())

    def size(self, name: str) -> int:
        """See `ArchiveReader.size`."""
        return len(self._content(name))

    def read(self, name: str, offset: int, length: int) -> bytes:
        """See `ArchiveReader.read`."""
        return self._content(name)[offset : offset + length]

    def _content(self, name: str) -> bytes:
        if name not in self._files:
            raise MissingFileError(f"{name}: not there")
        return self._files[name]
