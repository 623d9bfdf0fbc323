"""Canaries: proof that somebody could open what is sealed to a recipient (FORMAT.md sections 9.3 and 11)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from verify.constants import KEY_FOLDER
from verify.dsse import VerifiedStatement
from verify.errors import DigestError
from verify.trust_root import TrustedRecipient


@dataclass(frozen=True)
class CanaryStatement:
    """A logged statement that the canary of `recipient` (a fingerprint) was opened."""

    index: int
    recipient: str
    opened: str
    opened_at: datetime


def canary_name_of(fingerprint: str) -> str:
    """Returns the name of the canary of the recipient with this fingerprint."""
    return f"{KEY_FOLDER}/{fingerprint}.canary.age"


def canary_statement_of(statement: VerifiedStatement, index: int) -> CanaryStatement:
    """Reads a canary statement.

    Raises:
        MalformedError: a listed member is missing or of another type.
    """
    members = statement.members
    return CanaryStatement(index, members.hex("recipient", 32), members.text("opened"), members.time("opened_at"))


def check_canary(trusted: TrustedRecipient, unverified: bytes) -> None:
    """Proves that a file is the canary that the trust root names.

    Raises:
        DigestError: it is another file (F-CAN-2).
    """
    if hashlib.sha256(unverified).hexdigest() != trusted.canary_sha256:
        name = canary_name_of(trusted.recipient.fingerprint)
        raise DigestError(f"{name}: not the canary that the trust root names (F-CAN-2)")


def check_canary_statement(trusted: TrustedRecipient, statement: CanaryStatement, what: str) -> None:
    """Proves that what was opened is what had been sealed in the canary.

    Raises:
        DigestError: it is something else (F-CAN-1).
    """
    if hashlib.sha256(statement.opened.encode("utf-8")).hexdigest() != trusted.content_sha256:
        raise DigestError(f"{what}: what was opened is not the content of the canary (F-CAN-1)")
