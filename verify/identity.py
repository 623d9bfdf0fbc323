"""Recipients and identities of age: the public key that a bundle is sealed to, the private key that opens it.

Two kinds: `mlkem768x25519` (`age1pq1…`, `AGE-SECRET-KEY-PQ-1…`; X-Wing in HPKE, the default) and `X25519`
(`age1…`, `AGE-SECRET-KEY-1…`). C2SP age.md, "Native recipient types".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from verify import bech32
from verify.errors import MalformedError, NoIdentityError

X25519 = "X25519"
HYBRID = "mlkem768x25519"

MLKEM_PUBLIC_BYTES = 1184
X25519_BYTES = 32
MAX_IDENTITY_FILE_BYTES = 1024 * 1024

_SECRET_BYTES = 32
_MLKEM_SEED_BYTES = 64
_RECIPIENT_PREFIXES = {"age": X25519, "age1pq": HYBRID}
_IDENTITY_PREFIXES = {"age-secret-key-": X25519, "age-secret-key-pq-": HYBRID}
_PUBLIC_BYTES = {X25519: X25519_BYTES, HYBRID: MLKEM_PUBLIC_BYTES + X25519_BYTES}
_IDENTITY_STEP = "Give the file that `age-keygen` or `strongroom init` wrote, unchanged."
_RECIPIENT_STEP = "Give a recipient that starts with age1pq1 or age1, copied whole."


@dataclass(frozen=True)
class Recipient:
    """A public key to seal to. `kind` is X25519 or HYBRID; `public_bytes` are 32 or 1,216 (ML-KEM, then X25519)."""

    kind: str
    public_bytes: bytes
    text: str

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the recipient string, the name of a recipient in manifests and canaries."""
        return hashlib.sha256(self.text.encode("ascii")).hexdigest()

    @cached_property
    def public_key(self) -> X25519PublicKey | MLKEM768X25519PublicKey:
        """The key in the form that `cryptography` takes."""
        if self.kind == X25519:
            return X25519PublicKey.from_public_bytes(self.public_bytes)
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.public_bytes[:MLKEM_PUBLIC_BYTES]),
            X25519PublicKey.from_public_bytes(self.public_bytes[MLKEM_PUBLIC_BYTES:]),
        )


@dataclass(frozen=True)
class Identity:
    """A private key that opens what is sealed to `recipient`. Its 32 secret bytes never stand in its repr."""

    kind: str
    secret: bytes = field(repr=False)

    @cached_property
    def x25519_key(self) -> X25519PrivateKey:
        """The X25519 key: the secret itself, or the last 32 bytes of its expansion."""
        secret = self.secret if self.kind == X25519 else self._expanded[_MLKEM_SEED_BYTES:]
        return X25519PrivateKey.from_private_bytes(secret)

    @cached_property
    def hybrid_key(self) -> MLKEM768X25519PrivateKey:
        """The pair of keys that HPKE takes; only for kind HYBRID."""
        return MLKEM768X25519PrivateKey(self._mlkem_key, self.x25519_key)

    @cached_property
    def recipient(self) -> Recipient:
        """The recipient that this identity opens."""
        public = self.x25519_key.public_key().public_bytes_raw()
        if self.kind == HYBRID:
            public = self._mlkem_key.public_key().public_bytes_raw() + public
        return recipient_from(self.kind, public)

    @cached_property
    def _mlkem_key(self) -> MLKEM768PrivateKey:
        return MLKEM768PrivateKey.from_seed_bytes(self._expanded[:_MLKEM_SEED_BYTES])

    @cached_property
    def _expanded(self) -> bytes:
        """SHAKE256 of the seed: 64 bytes for ML-KEM (d || z), 32 for X25519 (filippo.io/hpke-pq, X-Wing)."""
        return hashlib.shake_256(self.secret).digest(_MLKEM_SEED_BYTES + X25519_BYTES)


def recipient_from(kind: str, public_bytes: bytes) -> Recipient:
    """Returns the recipient of raw public bytes; `kind` is X25519 or HYBRID."""
    prefix = next(prefix for prefix, named in _RECIPIENT_PREFIXES.items() if named == kind)
    return Recipient(kind, public_bytes, bech32.encode(prefix, public_bytes))


def recipient_of(text: str) -> Recipient:
    """Reads a recipient string.

    Raises:
        MalformedError: it is not a recipient of one of the two kinds, or not a point or key that exists.
    """
    text = text.strip()
    try:
        prefix, public = bech32.decode(text)
    except MalformedError as error:
        raise MalformedError(f"not an age recipient: {error.message}", next_step=_RECIPIENT_STEP) from error
    kind = _RECIPIENT_PREFIXES.get(prefix)
    if kind is None:
        raise MalformedError(
            f"a recipient of the unknown kind {prefix[:40]!r}; only age1pq1… and age1… are known",
            next_step=_RECIPIENT_STEP,
        )
    if len(public) != _PUBLIC_BYTES[kind]:
        raise MalformedError(f"a recipient of kind {kind} has {len(public)} bytes", next_step=_RECIPIENT_STEP)
    recipient = Recipient(kind, public, text.lower())
    try:
        _ = recipient.public_key
    except ValueError as error:
        raise MalformedError("a recipient holds no valid key", next_step=_RECIPIENT_STEP) from error
    return recipient


def identity_of(text: str) -> Identity:
    """Reads one identity string. No message ever repeats any part of it.

    Raises:
        MalformedError: it is not an identity of one of the two kinds.
    """
    try:
        prefix, secret = bech32.decode(text.strip())
    except MalformedError as error:
        raise MalformedError(f"not an age identity: {error.message}", next_step=_IDENTITY_STEP) from error
    kind = _IDENTITY_PREFIXES.get(prefix)
    if kind is None or len(secret) != _SECRET_BYTES:
        raise MalformedError(
            "not an age identity: it must start with AGE-SECRET-KEY-PQ-1 or AGE-SECRET-KEY-1 and be whole",
            next_step=_IDENTITY_STEP,
        )
    return Identity(kind, secret)


def identity_text_of(identity: Identity) -> str:
    """Returns the identity in the spelling of an identity file: a secret, to be written nowhere else."""
    prefix = next(prefix for prefix, named in _IDENTITY_PREFIXES.items() if named == identity.kind)
    return bech32.encode(prefix, identity.secret).upper()


def identities_of(unverified: bytes, name: str = "the identity file") -> tuple[Identity, ...]:
    """Reads an identity file: one identity a line, `#` starts a comment line, empty lines are ignored.

    Raises:
        MalformedError: a line is neither; the message gives the line's number and not the line.
        NoIdentityError: there is no identity in it.
    """
    if len(unverified) > MAX_IDENTITY_FILE_BYTES:
        raise MalformedError(f"{name} is too long for an identity file", next_step=_IDENTITY_STEP)
    try:
        lines = unverified.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise MalformedError(f"{name} is not text", next_step=_IDENTITY_STEP) from error
    identities = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            try:
                identities.append(identity_of(line))
            except MalformedError as error:
                raise MalformedError(f"{name}, line {number}: {error.message}", next_step=_IDENTITY_STEP) from error
    if not identities:
        raise NoIdentityError(f"{name} holds no identity", next_step=_IDENTITY_STEP)
    return tuple(identities)
