"""Writes one age v1 file: header, then a stream of authenticated chunks.

Source: C2SP age.md. Randomness has no seam: the file key, the nonce and every ephemeral secret come from
the operating system here and nowhere else. `verify.age` is the reader.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.errors import RecipientRefusedError
from verify.constants import AGE_CHUNK_BYTES, AGE_NONCE_BYTES, SEGMENT_BYTES
from verify.identity import HYBRID, X25519, Recipient
from verify.tree import root_of

FILE_KEY_BYTES = 16
_COLUMNS = 64
_MLKEM768X25519_ENC_BYTES = 1120
_PQ_INFO = b"age-encryption.org/mlkem768x25519"
_X25519_INFO = b"age-encryption.org/v1/X25519"
_PQ_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _unpadded(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii").rstrip("=")


def _derived(key: bytes, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(key)


def _stanza_of(file_key: bytes, recipient: Recipient) -> tuple[list[str], bytes]:
    """Returns the arguments and the body of the stanza that wraps the file key for one recipient."""
    public = recipient.public_key
    if isinstance(public, MLKEM768X25519PublicKey):
        sealed = _PQ_SUITE.encrypt(file_key, public, info=_PQ_INFO)
        encapsulated, body = sealed[:_MLKEM768X25519_ENC_BYTES], sealed[_MLKEM768X25519_ENC_BYTES:]
        return [HYBRID, _unpadded(encapsulated)], body
    secret = X25519PrivateKey.generate()
    share = secret.public_key().public_bytes_raw()
    wrap_key = _derived(secret.exchange(public), share + recipient.public_bytes, _X25519_INFO)
    return [X25519, _unpadded(share)], ChaCha20Poly1305(wrap_key).encrypt(bytes(12), file_key, None)


def header_of(file_key: bytes, recipients: Sequence[Recipient]) -> bytes:
    """Returns an age header that wraps `file_key` (16 bytes) for each recipient.

    Raises:
        RecipientRefusedError: there is none, or post-quantum and classical ones are mixed, which would
            make the post-quantum one worthless (age.md, "SHOULD NOT").
    """
    if not recipients:
        raise RecipientRefusedError("there is no recipient to seal to")
    if len({recipient.kind for recipient in recipients}) != 1:
        raise RecipientRefusedError("post-quantum and X25519 recipients are mixed")
    lines = ["age-encryption.org/v1"]
    for recipient in recipients:
        arguments, body = _stanza_of(file_key, recipient)
        lines.append(" ".join(["->", *arguments]))
        text = _unpadded(body)
        lines.extend(text[at : at + _COLUMNS] for at in range(0, len(text), _COLUMNS))
        if len(text) % _COLUMNS == 0:
            lines.append("")
    unsigned = ("\n".join(lines) + "\n---").encode("ascii")
    mac = hmac.digest(_derived(file_key, None, b"header"), unsigned, "sha256")
    return unsigned + b" " + _unpadded(mac).encode("ascii") + b"\n"


class AgeFile:
    """An age file being written to `target`, with its digests and segment list computed on the way.

    `write` takes plaintext in any pieces; `close` writes the final chunk. Afterwards `bytes_written`,
    `sha256`, `sha512` (hex), `segments` (32 bytes per 65,536 bytes of file) and `segments_root` describe
    the file. `file_key` stays in memory for the double computation until the owner drops the object.
    """

    def __init__(self, target: BinaryIO, recipients: Sequence[Recipient]) -> None:
        self.file_key = os.urandom(FILE_KEY_BYTES)
        self._target = target
        self._pending = bytearray()
        self._counter = 0
        self._sha256 = hashlib.sha256()
        self._sha512 = hashlib.sha512()
        self._segment = bytearray()
        self._segments: list[bytes] = []
        self.bytes_written = 0
        self.plaintext_bytes = 0
        nonce = os.urandom(AGE_NONCE_BYTES)
        self._cipher = ChaCha20Poly1305(_derived(self.file_key, nonce, b"payload"))
        self._emit(header_of(self.file_key, recipients) + nonce)

    def write(self, plaintext: bytes) -> None:
        """Encrypts what fills whole chunks; keeps a byte back at least, since `close` alone knows the last chunk."""
        self.plaintext_bytes += len(plaintext)
        self._pending += plaintext
        whole = (len(self._pending) - 1) // AGE_CHUNK_BYTES
        if whole <= 0:
            return
        end = whole * AGE_CHUNK_BYTES
        ready = bytes(self._pending[:end])
        del self._pending[:end]
        sealed = [
            self._sealed_chunk(ready[at : at + AGE_CHUNK_BYTES], final=False) for at in range(0, end, AGE_CHUNK_BYTES)
        ]
        self._emit(b"".join(sealed))

    def close(self) -> None:
        """Writes the final chunk and settles the digests. The target stays open: its owner syncs it."""
        self._emit(self._sealed_chunk(bytes(self._pending), final=True))
        self._pending.clear()
        if self._segment:
            self._add_segment(bytes(self._segment))
            self._segment.clear()
        self.segments = b"".join(self._segments)
        self.segments_root = root_of(self.segments)
        self.sha256 = self._sha256.hexdigest()
        self.sha512 = self._sha512.hexdigest()

    def _sealed_chunk(self, chunk: bytes, *, final: bool) -> bytes:
        nonce = self._counter.to_bytes(11, "big") + (b"\x01" if final else b"\x00")
        self._counter += 1
        return self._cipher.encrypt(nonce, chunk, None)

    def _emit(self, sealed: bytes) -> None:
        self._target.write(sealed)
        self._sha256.update(sealed)
        self._sha512.update(sealed)
        self.bytes_written += len(sealed)
        self._segment += sealed
        whole = len(self._segment) - len(self._segment) % SEGMENT_BYTES
        for at in range(0, whole, SEGMENT_BYTES):
            self._add_segment(bytes(self._segment[at : at + SEGMENT_BYTES]))
        del self._segment[:whole]

    def _add_segment(self, segment: bytes) -> None:
        digest = hashlib.sha256(b"\x00")
        digest.update(segment)
        self._segments.append(digest.digest())
