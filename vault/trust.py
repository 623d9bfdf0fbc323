"""Makes what trust starts from: the first trust root, an identity, and the canary that proves it.

Runs once, at `init`. The root's private key and the identity are returned to be written apart from the
archive host's folder.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from vault.sealing.age_file import AgeFile
from vault.signing.signer import Signer, StatementKey
from vault.signing.statement import sign
from verify.checkpoint import origin_of
from verify.constants import CANARY_FIRST_LINE
from verify.identity import HYBRID, Identity, Recipient
from verify.strict_json import text_of_time

_IDENTITY_BYTES = 32


class Canary(NamedTuple):
    """A small age file to one recipient. Whoever gives `content` back has opened it."""

    recipient: Recipient
    file: bytes
    content: bytes


def new_identity() -> Identity:
    """A new post-quantum identity, from the operating system's randomness."""
    return Identity(HYBRID, os.urandom(_IDENTITY_BYTES))


def new_canary(archive_id: str, recipient: Recipient) -> Canary:
    """A canary for the recipient (FORMAT.md section 11)."""
    content = f"{CANARY_FIRST_LINE}\n{archive_id}\n{secrets.token_hex(32)}\n".encode("ascii")
    target = io.BytesIO()
    age = AgeFile(target, [recipient])
    age.write(content)
    age.close()
    return Canary(recipient, target.getvalue(), content)


def first_root_of(
    archive_id: str, root_key: StatementKey, signer: Signer, canaries: Sequence[Canary], created_at: datetime
) -> bytes:
    """Returns `1.root.json`: it names the sealer, the log and the recipients, and asks for nothing more yet."""
    members = {
        "number": 1,
        "previous": None,
        "created_at": text_of_time(created_at),
        "roles": {
            "root": {"threshold": 1, "keys": [root_key.public]},
            "sealer": {"threshold": 1, "keys": [signer.sealer.public]},
        },
        "log": {"origin": origin_of(archive_id), **signer.log.public},
        "recipients": [
            {
                "recipient": canary.recipient.text,
                "canary_sha256": hashlib.sha256(canary.file).hexdigest(),
                "content_sha256": hashlib.sha256(canary.content).hexdigest(),
                "not_before": text_of_time(created_at),
            }
            for canary in canaries
        ],
        "assure_recipients": [],
        "policy": {"witnesses": None, "timestamps": 0, "lock_observations": False, "max_age_hours": None},
        "revocations": [],
    }
    return sign("root", archive_id, members, [root_key])
