"""The plaintext of an age file, read by range through its chunks (FORMAT.md section 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from verify.age import OpenedHeader, Payload, header_of, nonce_of, open_header, proved_header
from verify.constants import AGE_CHUNK_BYTES, AGE_NONCE_BYTES, MAX_AGE_HEADER_BYTES
from verify.errors import MalformedError, WrongIdentityError
from verify.identity import HYBRID, X25519, Identity

_HELD_CHUNKS = 4
"""Opened chunks kept for the next read: footer, tables and pages often share one."""
_SHOWN_DIGITS = 16


class CiphertextSource(Protocol):
    """A bundle file that is read by range."""

    name: str
    size: int

    def read(self, offset: int, length: int) -> bytes:
        """Returns exactly `length` bytes from `offset`, or raises."""
        ...


@dataclass(frozen=True)
class OpenedFile:
    """A bundle file whose header is proved; nothing of its payload is yet."""

    source: CiphertextSource
    opened: OpenedHeader
    nonce: bytes


class Plaintext:
    """The plaintext of one bundle: `length` bytes, each released only after its chunk was authenticated."""

    def __init__(self, file: OpenedFile) -> None:
        """Opens the final chunk at once: what is read from the end is read from the true end.

        Raises:
            MalformedError: the file's size can't be that of an age file.
            DigestError: the final chunk is damaged, or not final.
        """
        self._source = file.source
        self.name = file.source.name
        self._payload = Payload(file.opened, file.nonce, file.source.size)
        self._held: dict[int, bytes] = {}
        self.length = self._payload.plaintext_bytes
        self._opened(self._payload.chunks - 1, self._payload.chunks)

    def read(self, offset: int, length: int) -> bytes:
        """Returns `length` bytes from `offset`.

        Raises:
            MalformedError: they are not within the plaintext.
            DigestError: a chunk that holds some of them is damaged.
        """
        if offset < 0 or length < 0 or offset + length > self.length:
            raise MalformedError(f"{self.name}: a table points beyond the end of the bundle")
        if not length:
            return b""
        first, last = offset // AGE_CHUNK_BYTES, (offset + length - 1) // AGE_CHUNK_BYTES
        held = self._held.get(first) if first == last else None
        content = held if held is not None else self._opened(first, last + 1)
        start = offset - first * AGE_CHUNK_BYTES
        return content[start : start + length]

    def _opened(self, first: int, end: int) -> bytes:
        """Returns the plaintext of the chunks from `first` to before `end`, fetched in one read."""
        offset, _ = self._payload.range_of(first)
        final_offset, final_length = self._payload.range_of(end - 1)
        sealed = memoryview(self._source.read(offset, final_offset + final_length - offset))
        chunks = []
        for chunk in range(first, end):
            at, length = self._payload.range_of(chunk)
            chunks.append(self._payload.open_chunk(chunk, sealed[at - offset : at - offset + length]))
        for chunk in {first, end - 1}:
            self._held[chunk] = chunks[chunk - first]
        while len(self._held) > _HELD_CHUNKS:
            del self._held[next(iter(self._held))]
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def opened_file_of(source: CiphertextSource, identities: Sequence[Identity], recipients: Sequence[str]) -> OpenedFile:
    """Opens a bundle's header with one of `identities`; `recipients` are the fingerprints that its manifest names.

    An identity of none of these says nothing about the file; one that is named and opens nothing does.

    Raises:
        MalformedError: not an age file as F-AGE-1, F-AGE-2 and F-AGE-3 want it.
        WrongIdentityError: the manifest names the recipient of none of the identities.
        DigestError: the header is damaged.
    """
    head = source.read(0, min(source.size, MAX_AGE_HEADER_BYTES))
    kinds = [stanza.arguments[0] for stanza in header_of(head).stanzas]
    if set(kinds) not in ({HYBRID}, {X25519}):
        raise MalformedError(
            f"{source.name}: recipient stanzas of the kinds {', '.join(sorted(set(kinds)))[:100]}; "
            f"a bundle has {HYBRID} only, or {X25519} only (F-AGE-1)"
        )
    if len(kinds) != len(recipients):
        raise MalformedError(f"{source.name}: {len(kinds)} stanzas for {len(recipients)} recipients (F-AGE-2)")
    named = [identity for identity in identities if identity.recipient.fingerprint in recipients]
    if not named:
        raise WrongIdentityError(
            f"sealed to recipient {_shown(recipients)}, and the identity given is that of "
            f"{_shown([identity.recipient.fingerprint for identity in identities])}"
        )
    try:
        return _file_of(source, open_header(head, named))
    except WrongIdentityError as error:
        fingerprint = named[0].recipient.fingerprint
        raise MalformedError(
            f"{source.name}: recipient {fingerprint[:_SHOWN_DIGITS]}… does not open it, and its manifest says that it "
            "does (F-AGE-3)",
            next_step="Ask whoever keeps the archive host what it sealed here; another store holds the same bytes.",
        ) from error


def opened_file_with_key(source: CiphertextSource, file_key: bytes) -> OpenedFile:
    """Opens a header with the file's own 16-byte key, for the one who has just sealed it; raises as above."""
    head = source.read(0, min(source.size, MAX_AGE_HEADER_BYTES))
    return _file_of(source, proved_header(header_of(head), file_key))


def _shown(fingerprints: Sequence[str]) -> str:
    more = f" and {len(fingerprints) - 1} more" if len(fingerprints) > 1 else ""
    return "".join(f"{one[:_SHOWN_DIGITS]}…" for one in fingerprints[:1]) + more


def _file_of(source: CiphertextSource, opened: OpenedHeader) -> OpenedFile:
    nonce_end = opened.header.length + AGE_NONCE_BYTES
    if nonce_end > source.size:
        raise MalformedError(f"{source.name}: the file ends within the age nonce")
    return OpenedFile(source, opened, nonce_of(source.read(0, nonce_end), opened))
