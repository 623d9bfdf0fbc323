"""Proof that somebody can open what is sealed: canaries opened with an identity, and logged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from archiver.state.state_folder import StateFolder
from archiver.vaulting import open_trust, open_vaulting
from config.settings import Settings
from vault.errors import RecipientRefusedError
from verify.age import open_header, opened_chunks
from verify.canary import check_canary
from verify.errors import WrongIdentityError
from verify.identity import Identity

PROVED, PROVED_BEFORE, NOT_OPENED = "proved", "proved before", "not opened"


class CanaryProof(NamedTuple):
    """What became of one recipient's canary: `outcome` is PROVED, PROVED_BEFORE or NOT_OPENED."""

    fingerprint: str
    outcome: str


def prove_canaries(
    settings: Settings, state: StateFolder, identities: Sequence[Identity], clock: Callable[[], datetime]
) -> list[CanaryProof]:
    """Opens the canary of every recipient in the settings, and logs each that opens for the first time.

    Raises:
        AnotherRunError: a run holds the state.
        RecipientRefusedError: there is no recipient, or the trust root does not name it.
        WrongIdentityError: not one canary opens.
        StrongroomError: a canary, the ledger or the keys are not what they should be.
    """
    proofs = []
    _, files = open_trust(settings)
    with state.locked():
        vaulting = open_vaulting(settings, state, clock)
        named = {one.recipient.fingerprint: one for one in vaulting.chain.newest.recipients}
        if not vaulting.rules.recipients:
            raise RecipientRefusedError("keys.recipients is empty")
        for recipient in vaulting.rules.recipients:
            fingerprint = recipient.fingerprint
            if fingerprint not in named:
                raise RecipientRefusedError(f"the trust root does not name recipient {fingerprint[:16]}")
            check_canary(named[fingerprint], files.canaries[fingerprint])
            content = _content_of(files.canaries[fingerprint], identities)
            if content is None:
                proofs.append(CanaryProof(fingerprint, NOT_OPENED))
            elif fingerprint in vaulting.ledger.head.proved:
                proofs.append(CanaryProof(fingerprint, PROVED_BEFORE))
            else:
                vaulting.sealer.record_canary(recipient, content, vaulting.rules)
                proofs.append(CanaryProof(fingerprint, PROVED))
    if all(proof.outcome == NOT_OPENED for proof in proofs):
        raise WrongIdentityError(
            "none of the identities given opens a canary of keys.recipients",
            next_step="Give the identity whose recipient stands in keys.recipients.",
        )
    return proofs


def _content_of(unverified: bytes, identities: Sequence[Identity]) -> bytes | None:
    """What the canary holds, or None if it is sealed to somebody else."""
    try:
        opened = open_header(unverified, identities)
    except WrongIdentityError:
        return None
    return b"".join(opened_chunks(unverified, opened))
