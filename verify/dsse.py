"""Statements: DSSE envelopes signed by pairs of keys, Ed25519 and ML-DSA-65, of which both must hold.

FORMAT.md section 9; secure-systems-lab/dsse, protocol 1.0.0. The order is: limit, envelope, signatures, payload.
A payload is parsed only after enough pairs that hold the role have signed its bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey

from verify.constants import FORMAT_VERSION, KEY_PAIR_LABEL, MAX_SIGNATURES, PAYLOAD_TYPES
from verify.errors import MalformedError, SignatureError, WrongArchiveError
from verify.strict_json import Members, members_of

ED25519_PUBLIC_BYTES = 32
ML_DSA_65_PUBLIC_BYTES = 1952
ED25519, ML_DSA_65 = "ed25519", "ml-dsa-65"

ROLES = {"root": "root", "manifest": "sealer", "run": "sealer", "canary": "sealer", "events": "sealer"}
"""Which role signs which type of statement (F-SIG-3)."""

_TYPES = {payload_type: type_ for type_, payload_type in PAYLOAD_TYPES.items()}
_ENVELOPE_MEMBERS = {"payload", "payloadType", "signatures"}
_SHOWN_CHARACTERS = 80


@dataclass(frozen=True)
class PublicPair:
    """The public halves of one signer's two keys; raw bytes, 32 and 1,952."""

    ed25519: bytes
    ml_dsa_65: bytes

    @cached_property
    def id(self) -> str:
        """Hex id of the pair (FORMAT.md section 9)."""
        return hashlib.sha256(KEY_PAIR_LABEL + self.ed25519 + self.ml_dsa_65).hexdigest()


class Signature(NamedTuple):
    """One signature of an envelope: `key_id` is PAIR_ID:ALGORITHM."""

    key_id: str
    signature: bytes


class Envelope(NamedTuple):
    """An envelope, parsed but not proved."""

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]

    @property
    def type(self) -> str:
        """The type of statement that `payload_type` stands for.

        Raises:
            MalformedError: it is none that this version knows (F-SIG-4).
        """
        if self.payload_type not in _TYPES:
            raise MalformedError(f"a statement of the unknown type {self.payload_type[:_SHOWN_CHARACTERS]!r}")
        return _TYPES[self.payload_type]


@dataclass(frozen=True)
class Signers:
    """Who may sign a type: all pairs known, those of them that hold the role, and how many of these are needed."""

    known: Mapping[str, PublicPair]
    holders: frozenset[str]
    threshold: int


@dataclass(frozen=True)
class VerifiedStatement:
    """A payload that enough holders of the right role have signed; made by `verified_statement` alone.

    `sha256` is the hex digest of the whole file, `signers` are the ids of the pairs that count.
    """

    type: str
    members: Members
    payload: bytes
    signers: frozenset[str]
    sha256: str


def pre_authentication_encoding_of(payload_type: str, payload: bytes) -> bytes:
    """Returns the bytes that are signed: DSSE's PAE of type and payload."""
    encoded_type = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(encoded_type), encoded_type, len(payload), payload)


def envelope_of(unverified: bytes, what: str) -> Envelope:
    """Parses an envelope; proves nothing.

    Raises:
        MalformedError: not an envelope of FORMAT.md section 9.
    """
    members = members_of(unverified, what)
    if members.names() != _ENVELOPE_MEMBERS:
        raise MalformedError(f"{what}: an envelope has exactly the members payload, payloadType and signatures")
    signatures = tuple(Signature(item.text("keyid"), item.base64("sig")) for item in members.items("signatures"))
    if len(signatures) > MAX_SIGNATURES:
        raise MalformedError(f"{what}: {len(signatures)} signatures; {MAX_SIGNATURES} are allowed")
    return Envelope(members.base64("payload"), members.text("payloadType"), signatures)


def verified_statement(
    unverified: bytes, envelope: Envelope, signers: Iterable[Signers], archive_id: str | None, what: str
) -> VerifiedStatement:
    """Proves the envelope parsed from `unverified`, and gives its payload.

    Every one of `signers` must be satisfied (a new trust root needs two thresholds). `archive_id` is None only
    for the statement that says which archive this is.

    Raises:
        SignatureError: F-SIG-1 to F-SIG-3.
        MalformedError: F-SIG-4, or the payload is not strict JSON.
        WrongArchiveError: the statement belongs to another archive (F-ST-1).
    """
    counted: set[str] = set()
    for one in signers:
        valid = _valid_pairs_of(envelope, one.known, what)
        if len(valid & one.holders) < one.threshold:
            raise SignatureError(
                f"{what}: signed by {len(valid & one.holders)} of the {one.threshold} key pairs needed that hold "
                f"the role for a statement of type {envelope.type!r}"
            )
        counted |= valid & one.holders
    members = members_of(envelope.payload, f"{what}, payload")
    if members.text("type") != envelope.type:
        raise MalformedError(f"{what}: the payload's type is not the one that payloadType names")
    if members.integer("version") != FORMAT_VERSION:
        raise MalformedError(f"{what}: version {members.integer('version')}; this reader knows {FORMAT_VERSION}")
    if archive_id is not None and members.hex("archive_id", 16) != archive_id:
        raise WrongArchiveError(f"{what}: belongs to archive {members.text('archive_id')}, not {archive_id}")
    return VerifiedStatement(
        envelope.type, members, envelope.payload, frozenset(counted), hashlib.sha256(unverified).hexdigest()
    )


def _valid_pairs_of(envelope: Envelope, known: Mapping[str, PublicPair], what: str) -> set[str]:
    """Returns the ids of the known pairs that signed with both halves; a known pair that failed is an error."""
    encoding = pre_authentication_encoding_of(envelope.payload_type, envelope.payload)
    halves: dict[str, set[str]] = {}
    for key_id, signature in envelope.signatures:
        pair_id, _, algorithm = key_id.partition(":")
        pair = known.get(pair_id)
        if pair is None:
            continue
        try:
            if algorithm == ED25519:
                Ed25519PublicKey.from_public_bytes(pair.ed25519).verify(signature, encoding)
            elif algorithm == ML_DSA_65:
                context = envelope.payload_type.encode("utf-8")
                MLDSA65PublicKey.from_public_bytes(pair.ml_dsa_65).verify(signature, encoding, context)
            else:
                raise SignatureError(f"{what}: a signature of the unknown kind {algorithm[:20]!r}")
        except (InvalidSignature, ValueError) as error:
            raise SignatureError(f"{what}: the {algorithm} signature of pair {pair_id[:16]} is wrong") from error
        halves.setdefault(pair_id, set()).add(algorithm)
    for pair_id, found in halves.items():
        if found != {ED25519, ML_DSA_65}:
            raise SignatureError(f"{what}: pair {pair_id[:16]} signed with one of its two keys only")
    return set(halves)
