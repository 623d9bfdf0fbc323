"""The fixed keys of the kit: signer pairs, the log's pair, and age identities of both kinds."""

from __future__ import annotations

import base64
import hashlib
from functools import cached_property, lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA65PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.verify.kit.bech32 import bech32_of


def seed_of(label: str) -> bytes:
    """32 bytes that stand for `label` in every run of the kit."""
    return hashlib.sha256(b"forge kit: " + label.encode()).digest()


def base64_of(content: bytes) -> str:
    """RFC 4648 section 4, padded."""
    return base64.b64encode(content).decode("ascii")


class SignerPair:
    """A signer of FORMAT.md section 9: an Ed25519 key and an ML-DSA-65 key."""

    def __init__(self, label: str) -> None:
        self.ed25519 = Ed25519PrivateKey.from_private_bytes(seed_of(label + ", Ed25519"))
        self.ml_dsa_65 = MLDSA65PrivateKey.from_seed_bytes(seed_of(label + ", ML-DSA-65"))

    @cached_property
    def public(self) -> dict[str, str]:
        """The pair as a trust root writes it."""
        return {"ed25519": base64_of(self._ed25519_public), "ml_dsa_65": base64_of(self._ml_dsa_public)}

    @cached_property
    def id(self) -> str:
        """Hex of H(label || 00 || Ed25519 public key || ML-DSA-65 public key)."""
        return hashlib.sha256(b"strongroom/v1/key-pair\x00" + self._ed25519_public + self._ml_dsa_public).hexdigest()

    @cached_property
    def _ed25519_public(self) -> bytes:
        return self.ed25519.public_key().public_bytes_raw()

    @cached_property
    def _ml_dsa_public(self) -> bytes:
        return self.ml_dsa_65.public_key().public_bytes_raw()


class LogPair:
    """The log's two keys: Ed25519 for the signed note, ML-DSA-44 for the cosignature."""

    def __init__(self, label: str) -> None:
        self.ed25519 = Ed25519PrivateKey.from_private_bytes(seed_of(label + ", Ed25519"))
        self.ml_dsa_44 = MLDSA44PrivateKey.from_seed_bytes(seed_of(label + ", ML-DSA-44"))
        self.ed25519_public = self.ed25519.public_key().public_bytes_raw()
        self.ml_dsa_44_public = self.ml_dsa_44.public_key().public_bytes_raw()


class AgeIdentity:
    """An age identity with its recipient.

    `secret` is the 32 bytes of the identity; `text` the line of an identity file; `recipient` the public
    string; `fingerprint` hex of the SHA-256 of that string.
    """

    def __init__(self, secret: bytes, *, post_quantum: bool) -> None:
        self.post_quantum = post_quantum
        self.secret = secret
        prefix = "age-secret-key-pq-" if post_quantum else "age-secret-key-"
        self.text = bech32_of(prefix, self.secret).upper()
        self.recipient = bech32_of("age1pq" if post_quantum else "age", self.public)
        self.fingerprint = hashlib.sha256(self.recipient.encode("ascii")).hexdigest()

    @property
    def public(self) -> bytes:
        """The recipient's bytes: 32 of X25519, or 1,184 of ML-KEM-768 followed by 32 of X25519."""
        if not self.post_quantum:
            return self.x25519.public_key().public_bytes_raw()
        return self.ml_kem.public_key().public_bytes_raw() + self.x25519.public_key().public_bytes_raw()

    @property
    def x25519(self) -> X25519PrivateKey:
        """The X25519 half; of a post-quantum identity bytes 64 to 95 of SHAKE-256 of the secret."""
        secret = self._expanded[64:] if self.post_quantum else self.secret
        return X25519PrivateKey.from_private_bytes(secret)

    @property
    def ml_kem(self) -> MLKEM768PrivateKey:
        """The ML-KEM-768 half of a post-quantum identity, from bytes 0 to 63 of SHAKE-256 of the secret."""
        return MLKEM768PrivateKey.from_seed_bytes(self._expanded[:64])

    @property
    def _expanded(self) -> bytes:
        return hashlib.shake_256(self.secret).digest(96)


@lru_cache(maxsize=64)
def signer(label: str) -> SignerPair:
    """The pair of that name."""
    return SignerPair(label)


@lru_cache(maxsize=64)
def identity(label: str, *, post_quantum: bool = False) -> AgeIdentity:
    """The age identity of that name."""
    return AgeIdentity(seed_of(label), post_quantum=post_quantum)


@lru_cache(maxsize=8)
def log_pair(label: str) -> LogPair:
    """The log keys of that name."""
    return LogPair(label)
