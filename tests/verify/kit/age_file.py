"""Writes an age v1 file from the C2SP specification `age.md`, with edits at every layer."""

from __future__ import annotations

import base64
import hmac
import os
from contextlib import suppress
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.verify.kit.edit import Edit, keep
from tests.verify.kit.keys import AgeIdentity

CHUNK = 65_536
_PQ_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
_PQ_ENC_BYTES = 1120


@dataclass(frozen=True)
class Stanza:
    """One recipient stanza: its arguments, the type among them first, and its raw body."""

    arguments: tuple[str, ...]
    body: bytes

    def text(self) -> bytes:
        """The stanza's lines; a body that fills its last line is followed by an empty one."""
        encoded = _raw_base64(self.body)
        lines = [encoded[at : at + 64] for at in range(0, len(encoded) + 1, 64)]
        return "".join(f"{line}\n" for line in (" ".join(("->", *self.arguments)), *lines)).encode()


@dataclass
class AgeEdits:
    """What a story may break while a file is encrypted. The MAC is computed after `stanzas` and `header`."""

    recipients: Edit[list[AgeIdentity]] = keep
    stanzas: Edit[list[Stanza]] = keep
    header: Edit[bytes] = keep
    mac: Edit[bytes] = keep
    chunks: Edit[list[bytes]] = keep
    sealed_chunks: Edit[list[bytes]] = keep
    file: Edit[bytes] = keep


def encrypt(plaintext: bytes, recipients: list[AgeIdentity], edits: AgeEdits | None = None) -> bytes:
    """Returns the age file of `plaintext` for `recipients`."""
    edits = edits or AgeEdits()
    file_key = os.urandom(16)
    stanzas = edits.stanzas([_stanza_for(identity, file_key) for identity in edits.recipients(recipients)])
    header = b"age-encryption.org/v1\n" + b"".join(stanza.text() for stanza in stanzas) + b"---"
    header = edits.header(header)
    mac = hmac.digest(_hkdf(file_key, b"", b"header"), header, "sha256")
    nonce = os.urandom(16)
    payload = _payload_of(plaintext, _hkdf(file_key, nonce, b"payload"), edits)
    return edits.file(header + b" " + _raw_base64(edits.mac(mac)).encode() + b"\n" + nonce + payload)


def decrypt(file: bytes, identity: AgeIdentity) -> bytes:
    """Opens a sound file for one identity; the kit's own check of what it writes, without diagnostics."""
    end = file.index(b"\n--- ") + 4
    header, rest = file[:end], file[end:]
    file_key = _file_key_of(header, identity)
    mac_line, _, body = rest.partition(b"\n")
    assert hmac.digest(_hkdf(file_key, b"", b"header"), header, "sha256") == _unbase64(mac_line[1:].decode())
    aead = ChaCha20Poly1305(_hkdf(file_key, body[:16], b"payload"))
    sealed = [body[at : at + CHUNK + 16] for at in range(16, len(body), CHUNK + 16)]
    return b"".join(
        aead.decrypt(_chunk_nonce(place, last=place == len(sealed) - 1), chunk, None)
        for place, chunk in enumerate(sealed)
    )


def _payload_of(plaintext: bytes, key: bytes, edits: AgeEdits) -> bytes:
    chunks = [plaintext[at : at + CHUNK] for at in range(0, len(plaintext), CHUNK)] or [b""]
    chunks = edits.chunks(chunks)
    aead = ChaCha20Poly1305(key)
    sealed = [
        aead.encrypt(_chunk_nonce(place, last=place == len(chunks) - 1), chunk, None)
        for place, chunk in enumerate(chunks)
    ]
    return b"".join(edits.sealed_chunks(sealed))


def _chunk_nonce(place: int, *, last: bool) -> bytes:
    return place.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _stanza_for(identity: AgeIdentity, file_key: bytes) -> Stanza:
    return _pq_stanza_for(identity, file_key) if identity.post_quantum else _x25519_stanza_for(identity, file_key)


def _pq_stanza_for(identity: AgeIdentity, file_key: bytes) -> Stanza:
    public = hpke.MLKEM768X25519PublicKey(identity.ml_kem.public_key(), identity.x25519.public_key())
    sealed = _PQ_SUITE.encrypt(file_key, public, info=b"age-encryption.org/mlkem768x25519")
    return Stanza(("mlkem768x25519", _raw_base64(sealed[:_PQ_ENC_BYTES])), sealed[_PQ_ENC_BYTES:])


def _x25519_stanza_for(identity: AgeIdentity, file_key: bytes) -> Stanza:
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(identity.x25519.public_key())
    wrap_key = _hkdf(shared, share + identity.public, b"age-encryption.org/v1/X25519")
    return Stanza(("X25519", _raw_base64(share)), ChaCha20Poly1305(wrap_key).encrypt(bytes(12), file_key, None))


def _file_key_of(header: bytes, identity: AgeIdentity) -> bytes:
    lines = header.decode("ascii").split("\n")
    wanted = "-> mlkem768x25519 " if identity.post_quantum else "-> X25519 "
    for place, line in enumerate(lines):
        if line.startswith(wanted):
            share, body = _unbase64(line.split(" ")[2]), _unbase64(lines[place + 1])
            with suppress(InvalidTag):
                return _unwrapped(identity, share, body)
    raise AssertionError("no stanza opens with this identity")


def _unwrapped(identity: AgeIdentity, share: bytes, body: bytes) -> bytes:
    if identity.post_quantum:
        private = hpke.MLKEM768X25519PrivateKey(identity.ml_kem, identity.x25519)
        return _PQ_SUITE.decrypt(share + body, private, info=b"age-encryption.org/mlkem768x25519")
    shared = identity.x25519.exchange(X25519PublicKey.from_public_bytes(share))
    wrap_key = _hkdf(shared, share + identity.public, b"age-encryption.org/v1/X25519")
    return ChaCha20Poly1305(wrap_key).decrypt(bytes(12), body, None)


def _hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, info).derive(key)


def _raw_base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii").rstrip("=")


def _unbase64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
