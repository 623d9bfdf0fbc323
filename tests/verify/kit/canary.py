"""Canaries (FORMAT.md section 11): the small files whose opening proves that an identity exists."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tests.verify.kit.age_file import encrypt
from tests.verify.kit.keys import AgeIdentity, seed_of
from tests.verify.kit.story import Canary, Story


@dataclass(frozen=True)
class ForgedCanary:
    """A recipient's canary: the text inside and the file around it."""

    identity: AgeIdentity
    text: str
    file: bytes

    @property
    def name(self) -> str:
        """The file's name in the archive."""
        return f"keys/{self.identity.fingerprint}.canary.age"

    def row(self) -> dict[str, str]:
        """The recipient's row in a trust root."""
        return {
            "recipient": self.identity.recipient,
            "canary_sha256": hashlib.sha256(self.file).hexdigest(),
            "content_sha256": hashlib.sha256(self.text.encode()).hexdigest(),
            "not_before": "2026-01-01T00:00:00Z",
        }


def canaries_of(story: Story) -> dict[str, ForgedCanary]:
    """The canary of every recipient that a root names, by fingerprint."""
    forged = {}
    for identity in story.identities:
        edits = story.canaries.get(identity.fingerprint, Canary())
        lines = ("strongroom canary", story.archive_id.hex(), seed_of("canary " + identity.fingerprint).hex())
        text = edits.text("".join(f"{line}\n" for line in lines).encode())
        file = encrypt(text, [identity], edits.age)
        forged[identity.fingerprint] = ForgedCanary(identity, text.decode(), file)
    return forged
