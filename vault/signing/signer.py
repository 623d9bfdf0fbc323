"""The archive host's signing keys: one pair for statements (sealer), one for checkpoints (log).

A pair is Ed25519 with ML-DSA; both sign or nothing is signed. `signer.json` is strict JSON:
`{"type": "signer", "version": 1, "sealer": {"ed25519", "ml_dsa_65"}, "log": {"ed25519", "ml_dsa_44"}}`, each
value a 32-byte seed in base64. No key serves two roles.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA65PrivateKey

from vault.errors import SignerFileError
from verify.dsse import PublicPair
from verify.strict_json import base64_of

_SEED_BYTES = 32
_MAX_FILE_BYTES = 64 * 1024


@dataclass(frozen=True)
class StatementKey:
    """A pair that signs statements: Ed25519 and ML-DSA-65 (FORMAT.md section 9)."""

    ed25519: Ed25519PrivateKey = field(repr=False)
    ml_dsa_65: MLDSA65PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """A new pair from the operating system's randomness."""
        return cls(Ed25519PrivateKey.generate(), MLDSA65PrivateKey.generate())

    @classmethod
    def from_seeds(cls, seeds: Mapping[str, str]) -> Self:
        """The pair whose `seeds` these are. Raises ValueError, KeyError or TypeError for anything else."""
        return cls(
            Ed25519PrivateKey.from_private_bytes(_seed(seeds, "ed25519")),
            MLDSA65PrivateKey.from_seed_bytes(_seed(seeds, "ml_dsa_65")),
        )

    @property
    def public(self) -> dict[str, str]:
        """The public pair as it stands in a trust root."""
        return {
            "ed25519": base64_of(self.ed25519.public_key().public_bytes_raw()),
            "ml_dsa_65": base64_of(self.ml_dsa_65.public_key().public_bytes_raw()),
        }

    @property
    def id(self) -> str:
        """The pair's id: hex SHA-256 over both public keys."""
        return PublicPair(
            self.ed25519.public_key().public_bytes_raw(), self.ml_dsa_65.public_key().public_bytes_raw()
        ).id

    @property
    def seeds(self) -> dict[str, str]:
        """The private seeds, for a key file only."""
        return {
            "ed25519": base64_of(self.ed25519.private_bytes_raw()),
            "ml_dsa_65": base64_of(self.ml_dsa_65.private_bytes_raw()),
        }

    def signatures_of(self, payload_type: str, signed: bytes) -> list[dict[str, str]]:
        """Returns both signatures over the PAE bytes; ML-DSA takes the payload type as its context."""
        return [
            {"keyid": f"{self.id}:ed25519", "sig": base64_of(self.ed25519.sign(signed))},
            {
                "keyid": f"{self.id}:ml-dsa-65",
                "sig": base64_of(self.ml_dsa_65.sign(signed, payload_type.encode("ascii"))),
            },
        ]


@dataclass(frozen=True)
class LogKey:
    """The pair that signs checkpoints: Ed25519 (type 0x01) and ML-DSA-44 (type 0x06)."""

    ed25519: Ed25519PrivateKey = field(repr=False)
    ml_dsa_44: MLDSA44PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """A new pair from the operating system's randomness."""
        return cls(Ed25519PrivateKey.generate(), MLDSA44PrivateKey.generate())

    @classmethod
    def from_seeds(cls, seeds: Mapping[str, str]) -> Self:
        """The pair whose `seeds` these are. Raises ValueError, KeyError or TypeError for anything else."""
        return cls(
            Ed25519PrivateKey.from_private_bytes(_seed(seeds, "ed25519")),
            MLDSA44PrivateKey.from_seed_bytes(_seed(seeds, "ml_dsa_44")),
        )

    @property
    def public(self) -> dict[str, str]:
        """The public pair as it stands in a trust root, without the origin."""
        return {
            "ed25519": base64_of(self.ed25519.public_key().public_bytes_raw()),
            "ml_dsa_44": base64_of(self.ml_dsa_44.public_key().public_bytes_raw()),
        }

    @property
    def public_bytes(self) -> tuple[bytes, bytes]:
        """Both public keys: 32 and 1,312 bytes."""
        return self.ed25519.public_key().public_bytes_raw(), self.ml_dsa_44.public_key().public_bytes_raw()

    @property
    def seeds(self) -> dict[str, str]:
        """The private seeds, for a key file only."""
        return {
            "ed25519": base64_of(self.ed25519.private_bytes_raw()),
            "ml_dsa_44": base64_of(self.ml_dsa_44.private_bytes_raw()),
        }


@dataclass(frozen=True)
class Signer:
    """Both keys of the archive host."""

    sealer: StatementKey
    log: LogKey

    @classmethod
    def generate(cls) -> Self:
        """New keys for both roles."""
        return cls(StatementKey.generate(), LogKey.generate())

    def to_json(self) -> bytes:
        """The content of `signer.json`: private."""
        document = {"type": "signer", "version": 1, "sealer": self.sealer.seeds, "log": self.log.seeds}
        return (json.dumps(document, indent=2) + "\n").encode("ascii")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads `signer.json`.

        Raises:
            SignerFileError: the file is missing, unreadable or not a signer file; the message never quotes it.
        """
        try:
            with path.open("rb") as source:
                document = json.loads(source.read(_MAX_FILE_BYTES))
            if document["type"] != "signer" or document["version"] != 1:
                raise SignerFileError(f"{path} is not a signer file of version 1")
            return cls(StatementKey.from_seeds(document["sealer"]), LogKey.from_seeds(document["log"]))
        except OSError as error:
            raise SignerFileError(f"{path} can't be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, RecursionError):
            raise SignerFileError(f"{path} is not a signer file") from None


def _seed(seeds: Mapping[str, str], name: str) -> bytes:
    seed = base64.b64decode(seeds[name], validate=True)
    if len(seed) != _SEED_BYTES:
        raise ValueError("a seed is 32 bytes")
    return seed
