"""`[keys]`: what this host signs with, whom it seals for, and whom it trusts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints, model_validator

from config.place import PublicFile, SecretFile, problem
from config.section import Section, setting
from verify.errors import RefusedError

MAX_RECIPIENTS = 16  # ours: SECURITY.md wants one vault identity; each is a stanza in every bundle
# Bech32 of an X25519 recipient is 62 characters; of mlkem768x25519 1959 (C2SP age.md, native recipients).
MAX_RECIPIENT_CHARACTERS = 2100
POST_QUANTUM_PREFIX = "age1pq1"

Recipient = Annotated[
    str,
    StringConstraints(pattern=r"^age1(pq1)?[02-9ac-hj-np-z]+$", max_length=MAX_RECIPIENT_CHARACTERS),
]
"""An age public key: mlkem768x25519 (`age1pq1...`) or X25519 (`age1...`); digits as in Bech32 (BIP 173)."""


def _of_one_kind(recipients: tuple[str, ...]) -> tuple[str, ...]:
    """The two kinds are never mixed in one file: it would be as weak as the weaker (C2SP age.md, labels)."""
    if len({recipient.startswith(POST_QUANTUM_PREFIX) for recipient in recipients}) > 1:
        raise problem("value", "mixes post-quantum and classical recipients", "Name recipients of one kind.")
    if len(set(recipients)) != len(recipients):
        raise problem("value", "names a recipient twice", "Name each recipient once.")
    return recipients


class KeysSettings(Section):
    """Key files and recipients. A host that signs must not be able to open what it sealed."""

    signer_file: SecretFile | None = setting(
        "Private signing keys of the archive host, one pair per role; `strongroom init` makes them.",
        unit="JSON file, mode 600, or credential:NAME",
        example="keys/signer.json",
        default=None,
    )
    recipients: Annotated[tuple[Recipient, ...], AfterValidator(_of_one_kind)] = setting(
        "Public keys that bundles are sealed for. Each alone opens them; the trust root must name each.",
        unit="list of age recipients",
        example=["age1pq1qpzry9x8gf2tvdw0s3jn54khce6mua7l"],
        default=(),
        max_length=MAX_RECIPIENTS,
    )
    trust_root_file: PublicFile | None = setting(
        "The trust root: which keys may sign, and the policy of verification.",
        unit="JSON file",
        example="keys/trust-root.json",
        default=None,
    )
    identity_file: SecretFile | None = setting(
        "An age identity that opens bundles. For recovery hosts only: refused beside keys.signer_file.",
        unit="age identity file, mode 600, or credential:NAME",
        example="identity.txt",
        default=None,
    )

    @model_validator(mode="before")
    @classmethod
    def _sealing_and_opening_are_apart(cls, raw: Any) -> Any:
        """SECURITY.md: whoever steals the archive host must not be able to read the past."""
        if isinstance(raw, dict) and raw.get("signer_file") is not None and raw.get("identity_file") is not None:
            raise RefusedError(
                "keys.signer_file and keys.identity_file are both set: this host could open what it seals.",
                next_step="Remove keys.identity_file here and keep the identity on another host, or remove "
                "keys.signer_file on a host that only reads.",
            )
        return raw
