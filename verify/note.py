"""Signed notes (C2SP signed-note.md) with the two signature types of a checkpoint: 0x01 and 0x06.

0x01 is Ed25519 over the note's text. 0x06 is ML-DSA-44 over a `cosigned_message` (C2SP tlog-cosignature.md),
which binds name, time, origin, size and root, and not the text itself.
"""

from __future__ import annotations

import hashlib
import struct
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from verify.constants import MAX_CHECKPOINT_BYTES, MAX_SIGNATURES
from verify.errors import MalformedError, SignatureError
from verify.strict_json import bytes_of_base64

ED25519_TYPE, ML_DSA_44_TYPE = b"\x01", b"\x06"
KEY_ID_BYTES = 4
TIMESTAMP_BYTES = 8
MAX_TIMESTAMP = 2**63 - 1

_COSIGNED_LABEL = b"subtree/v1\n\x00"
_MARK = "— "


class NoteSignature(NamedTuple):
    """One signature line: the key's name, its 4-byte id, and what follows the id."""

    name: str
    key_id: bytes
    signature: bytes


class Note(NamedTuple):
    """A note, parsed but not proved. `text` ends with LF."""

    text: bytes
    signatures: tuple[NoteSignature, ...]


def key_id_of(name: str, type_: bytes, public_key: bytes) -> bytes:
    """Returns the 4-byte id of a key under a name (signed-note.md, "Signatures")."""
    return hashlib.sha256(name.encode("utf-8") + b"\n" + type_ + public_key).digest()[:KEY_ID_BYTES]


def note_of(unverified: bytes, what: str) -> Note:
    """Parses a note.

    Raises:
        MalformedError: not a note, or beyond the limits of FORMAT.md section 2.
    """
    if len(unverified) > MAX_CHECKPOINT_BYTES:
        raise MalformedError(f"{what}: longer than {MAX_CHECKPOINT_BYTES} bytes")
    try:
        text = unverified.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{what}: not UTF-8") from error
    if any(character < " " and character != "\n" for character in text):
        raise MalformedError(f"{what}: holds a control character")
    body, separator, tail = text.rpartition("\n\n")
    lines = tail.split("\n")
    if not separator or lines.pop() != "" or not 0 < len(lines) <= MAX_SIGNATURES:
        raise MalformedError(f"{what}: a note is a text, an empty line and 1 to {MAX_SIGNATURES} signatures")
    return Note((body + "\n").encode("utf-8"), tuple(_signature_of(line, what) for line in lines))


def signature_by(note: Note, name: str, type_: bytes, public_key: bytes, what: str) -> bytes:
    """Returns the one signature that names this key.

    Raises:
        SignatureError: there is none, or more than one.
    """
    key_id = key_id_of(name, type_, public_key)
    found = [one.signature for one in note.signatures if one.name == name and one.key_id == key_id]
    if len(found) != 1:
        raise SignatureError(f"{what}: {len(found)} signatures of type 0x{type_.hex()} by the log's key, not 1")
    return found[0]


def verify_ed25519(note: Note, name: str, public_key: bytes, what: str) -> None:
    """Proves the note's text under an Ed25519 key.

    Raises:
        SignatureError: the signature is missing or wrong.
    """
    signature = signature_by(note, name, ED25519_TYPE, public_key, what)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, note.text)
    except (InvalidSignature, ValueError) as error:
        raise SignatureError(f"{what}: the Ed25519 signature of the log is wrong") from error


def verify_ml_dsa_44(note: Note, name: str, public_key: bytes, size: int, root: bytes, what: str) -> int:
    """Proves size and root under an ML-DSA-44 key; returns when that was signed, in POSIX seconds.

    Raises:
        SignatureError: the signature is missing or wrong, or has no time.
    """
    stamped = signature_by(note, name, ML_DSA_44_TYPE, public_key, what)
    timestamp = int.from_bytes(stamped[:TIMESTAMP_BYTES], "big")
    if not 0 < timestamp <= MAX_TIMESTAMP:
        raise SignatureError(f"{what}: the ML-DSA-44 signature of the log bears no time")
    message = cosigned_message_of(name, timestamp, size, root)
    try:
        MLDSA44PublicKey.from_public_bytes(public_key).verify(stamped[TIMESTAMP_BYTES:], message)
    except (InvalidSignature, ValueError) as error:
        raise SignatureError(f"{what}: the ML-DSA-44 signature of the log is wrong") from error
    return timestamp


def cosigned_message_of(origin: str, timestamp: int, size: int, root: bytes) -> bytes:
    """Returns the `cosigned_message` of a log that signs its own checkpoint of `size` entries."""
    name = origin.encode("utf-8")
    prefixed = struct.pack(">B", len(name)) + name
    return b"".join(
        (_COSIGNED_LABEL, prefixed, struct.pack(">Q", timestamp), prefixed, struct.pack(">QQ", 0, size), root)
    )


def _signature_of(line: str, what: str) -> NoteSignature:
    name, separator, encoded = line.removeprefix(_MARK).partition(" ")
    if not line.startswith(_MARK) or not separator or not name or "+" in name or name.split() != [name]:
        raise MalformedError(f"{what}: a signature line is not `— NAME BASE64`")
    try:
        value = bytes_of_base64(encoded)
    except MalformedError as error:
        raise MalformedError(f"{what}: a signature is not canonical base64") from error
    if len(value) <= KEY_ID_BYTES:
        raise MalformedError(f"{what}: a signature is too short for its key id")
    return NoteSignature(name, value[:KEY_ID_BYTES], value[KEY_ID_BYTES:])
