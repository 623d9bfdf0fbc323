"""Statements in their place in the log: proved by the roles that the trust roots give at that place."""

from __future__ import annotations

from verify.dsse import VerifiedStatement, envelope_of, verified_statement
from verify.errors import MalformedError
from verify.name import entry_name_of
from verify.trust_root import RootChain


def statement_at(unverified: bytes, index: int, roots: RootChain) -> VerifiedStatement:
    """Proves the bytes of log entry `index`.

    Raises:
        SignatureError: F-SIG-1 to F-SIG-3.
        MalformedError: F-JSON-1, F-SIG-4, or a statement that has no place in the log.
        WrongArchiveError: F-ST-1.
    """
    name = entry_name_of(index)
    envelope = envelope_of(unverified, name)
    if envelope.type == "root":
        raise MalformedError(f"{name}: a trust root has no place in the log")
    return verified_statement(unverified, envelope, (roots.signers(envelope.type, index),), roots.archive_id, name)
