"""Opening age v1 files (C2SP age.md): header, file key, and the payload in chunks that can be read one by one.

Armor and passphrases (scrypt) are no part of an archive and refused by name. Nothing here trusts a byte before
its MAC or tag was checked; a chunk is released whole or not at all.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from verify.constants import (
    AGE_CHUNK_BYTES,
    AGE_NONCE_BYTES,
    AGE_TAG_BYTES,
    MAX_AGE_HEADER_BYTES,
    MAX_AGE_STANZAS,
)
from verify.errors import DigestError, MalformedError, WrongIdentityError
from verify.identity import HYBRID, X25519, X25519_BYTES, Identity

SCRYPT = "scrypt"
VERSION_LINE = b"age-encryption.org/v1\n"
SEALED_CHUNK_BYTES = AGE_CHUNK_BYTES + AGE_TAG_BYTES
FILE_KEY_BYTES = 16

_COLUMNS = 64
_MAC_BYTES = 32
_HYBRID_SHARE_BYTES = 1120
_WRAPPED_KEY_BYTES = FILE_KEY_BYTES + AGE_TAG_BYTES
_ARGUMENT_LINE = re.compile(rb"-> [\x21-\x7e]+(?: [\x21-\x7e]+)*")
_X25519_INFO = b"age-encryption.org/v1/X25519"
_HYBRID_INFO = b"age-encryption.org/mlkem768x25519"
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class Stanza(NamedTuple):
    """One recipient stanza: its arguments (the first is the kind) and its body."""

    arguments: tuple[str, ...]
    body: bytes


@dataclass(frozen=True)
class AgeHeader:
    """A header, parsed but not proved. `length` is the number of its bytes, where the payload begins."""

    stanzas: tuple[Stanza, ...]
    maced: bytes
    mac: bytes
    length: int


@dataclass(frozen=True)
class OpenedHeader:
    """A header whose MAC was checked with the file key that an identity unwrapped from it."""

    header: AgeHeader
    file_key: bytes = field(repr=False)


def header_of(unverified: bytes) -> AgeHeader:
    """Parses the header at the start of an age file; `unverified` may hold more, or the first 64 KiB only.

    Raises:
        MalformedError: not an age v1 header, or beyond the limits of FORMAT.md section 2.
    """
    if not unverified.startswith(VERSION_LINE):
        raise MalformedError("the file does not begin as an age v1 file does")
    text = unverified[:MAX_AGE_HEADER_BYTES]
    stanzas: list[Stanza] = []
    at = len(VERSION_LINE)
    while text[at : at + 3] == b"-> ":
        if len(stanzas) == MAX_AGE_STANZAS:
            raise MalformedError(f"an age header has more than {MAX_AGE_STANZAS} stanzas")
        stanza, at = _stanza_at(text, at)
        stanzas.append(stanza)
    end = _line_at(text, at)
    if not stanzas or not end.startswith(b"--- "):
        raise MalformedError("an age header has no stanza, or does not end with its MAC")
    mac = _bytes_of(end[4:])
    if len(mac) != _MAC_BYTES:
        raise MalformedError("the MAC of an age header is not 32 bytes long")
    if len(stanzas) > 1 and any(stanza.arguments[0] == SCRYPT for stanza in stanzas):
        raise MalformedError("an scrypt stanza stands beside others")
    return AgeHeader(tuple(stanzas), text[: at + 3], mac, at + len(end) + 1)


def open_header(unverified: bytes, identities: Sequence[Identity]) -> OpenedHeader:
    """Finds the file key with one of `identities` and proves the header with it.

    Raises:
        MalformedError: the header, or a stanza of an identity's kind, is not what age allows.
        WrongIdentityError: no stanza opens with any of the identities.
        DigestError: the header's MAC is wrong.
    """
    header = header_of(unverified)
    if header.stanzas[0].arguments[0] == SCRYPT:
        raise WrongIdentityError("the file is encrypted with a passphrase (scrypt), which an archive never is")
    for identity in identities:
        for stanza in header.stanzas:
            file_key = _unwrapped(stanza, identity)
            if file_key is not None:
                return proved_header(header, file_key)
    raise WrongIdentityError("none of the identities given opens this file")


def proved_header(header: AgeHeader, file_key: bytes) -> OpenedHeader:
    """Checks the header's MAC under `file_key`.

    Raises:
        DigestError: the MAC is wrong: the header was changed.
    """
    expected = hmac.digest(hkdf_of(file_key, b"", b"header"), header.maced, "sha256")
    if not hmac.compare_digest(expected, header.mac):
        raise DigestError("the MAC of the age header is wrong: the header was changed")
    return OpenedHeader(header, file_key)


class Payload:
    """The encrypted part of an age file, as geometry and a key: which bytes hold chunk i, and what they open to.

    `offset` is where chunk 0 begins in the file, `chunks` how many there are, `plaintext_bytes` how much they hold.
    """

    def __init__(self, opened: OpenedHeader, nonce: bytes, file_bytes: int) -> None:
        """`nonce` comes from `nonce_of`; `file_bytes` is the size of the whole file.

        Raises:
            MalformedError: a file of this size can't be a payload.
        """
        self.offset = opened.header.length + AGE_NONCE_BYTES
        self.plaintext_bytes = plaintext_length_of(file_bytes, opened.header.length)
        sealed = file_bytes - self.offset
        self.chunks = -(-sealed // SEALED_CHUNK_BYTES)
        self._final_bytes = sealed - (self.chunks - 1) * SEALED_CHUNK_BYTES
        self._aead = ChaCha20Poly1305(hkdf_of(opened.file_key, nonce, b"payload"))

    def range_of(self, chunk: int) -> tuple[int, int]:
        """Returns offset and length, in the file, of the sealed chunk with this number."""
        length = self._final_bytes if chunk == self.chunks - 1 else SEALED_CHUNK_BYTES
        return self.offset + chunk * SEALED_CHUNK_BYTES, length

    def open_chunk(self, chunk: int, unverified: bytes | memoryview) -> bytes:
        """Returns the plaintext of one sealed chunk: 65,536 bytes, the final one fewer.

        Raises:
            DigestError: the tag is wrong: the chunk was changed, moved, or is not the final one that it should be.
        """
        final = chunk == self.chunks - 1
        nonce = chunk.to_bytes(11, "big") + (b"\x01" if final else b"\x00")
        try:
            return self._aead.decrypt(nonce, unverified, None)
        except (InvalidTag, ValueError) as error:
            raise DigestError(f"chunk {chunk} of the age payload is damaged or replaced") from error


def plaintext_length_of(file_bytes: int, header_bytes: int) -> int:
    """Returns the length of the plaintext of an age file of `file_bytes` with a header of `header_bytes`.

    Raises:
        MalformedError: no payload has this size: no nonce, a cut tag, or an empty chunk after a full one.
    """
    sealed = file_bytes - header_bytes - AGE_NONCE_BYTES
    chunks = -(-sealed // SEALED_CHUNK_BYTES)
    final = sealed - (chunks - 1) * SEALED_CHUNK_BYTES
    if sealed < AGE_TAG_BYTES or final < AGE_TAG_BYTES or (chunks > 1 and final == AGE_TAG_BYTES):
        raise MalformedError("an age file ends before its final chunk does")
    return sealed - chunks * AGE_TAG_BYTES


def nonce_of(unverified: bytes, opened: OpenedHeader) -> bytes:
    """Returns the 16 bytes after the header, which the payload key is made with.

    Raises:
        MalformedError: the file ends before them.
    """
    nonce = unverified[opened.header.length : opened.header.length + AGE_NONCE_BYTES]
    if len(nonce) != AGE_NONCE_BYTES:
        raise MalformedError("an age file ends within its nonce")
    return nonce


def opened_chunks(unverified: bytes, opened: OpenedHeader) -> Iterator[bytes]:
    """Yields the plaintext of a whole age file held in memory, chunk by chunk.

    Raises:
        DigestError: a chunk is damaged.
        MalformedError: the file is cut off, or goes on after its end.
    """
    payload = Payload(opened, nonce_of(unverified, opened), len(unverified))
    for chunk in range(payload.chunks):
        offset, length = payload.range_of(chunk)
        yield payload.open_chunk(chunk, unverified[offset : offset + length])


def hkdf_of(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """Returns 32 bytes of HKDF-SHA-256 (RFC 5869); one round of its expansion is enough for that."""
    extracted = hmac.digest(salt or bytes(32), secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def _unwrapped(stanza: Stanza, identity: Identity) -> bytes | None:
    """Returns the file key if `identity` opens `stanza`, None if the stanza is somebody else's."""
    if stanza.arguments[0] != identity.kind:
        return None
    share_bytes = X25519_BYTES if identity.kind == X25519 else _HYBRID_SHARE_BYTES
    if len(stanza.arguments) != 2 or len(stanza.body) != _WRAPPED_KEY_BYTES:
        raise MalformedError(f"a stanza of kind {identity.kind} has a wrong number of arguments or bytes")
    share = _bytes_of(stanza.arguments[1].encode("ascii"))
    if len(share) != share_bytes:
        raise MalformedError(f"the share in a stanza of kind {identity.kind} has a wrong length")
    try:
        secret = identity.x25519_key.exchange(X25519PublicKey.from_public_bytes(share[-X25519_BYTES:]))
    except ValueError as error:
        raise MalformedError("the share in a stanza is a point of low order") from error
    try:
        if identity.kind == HYBRID:
            return _SUITE.decrypt(share + stanza.body, identity.hybrid_key, _HYBRID_INFO)
        salt = share + identity.recipient.public_bytes
        wrap_key = hkdf_of(secret, salt, _X25519_INFO)
        return ChaCha20Poly1305(wrap_key).decrypt(bytes(12), stanza.body, None)
    except InvalidTag:
        return None


def _stanza_at(text: bytes, at: int) -> tuple[Stanza, int]:
    """Parses one stanza; returns it and where the next line begins."""
    line = _line_at(text, at)
    if not _ARGUMENT_LINE.fullmatch(line):
        raise MalformedError("a stanza of an age header has an argument that age does not allow")
    at += len(line) + 1
    body: list[bytes] = []
    while True:
        part = _line_at(text, at)
        if len(part) > _COLUMNS:
            raise MalformedError("a line of an age stanza is longer than 64 characters")
        at += len(part) + 1
        body.append(part)
        if len(part) < _COLUMNS:
            break
    return Stanza(tuple(line[3:].decode("ascii").split(" ")), _bytes_of(b"".join(body))), at


def _line_at(text: bytes, at: int) -> bytes:
    end = text.find(b"\n", at)
    if end < 0:
        raise MalformedError("an age header is cut off, or longer than 64 KiB")
    return text[at:end]


def _bytes_of(encoded: bytes) -> bytes:
    """Decodes base64 without padding, in its one canonical spelling."""
    try:
        decoded = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("base64 in an age header is not valid") from error
    if base64.b64encode(decoded).rstrip(b"=") != encoded:
        raise MalformedError("base64 in an age header is not canonical")
    return decoded
