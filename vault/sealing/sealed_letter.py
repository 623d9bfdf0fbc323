"""A few bytes sealed to recipients by themselves: what this host may hold and can't read."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from vault.sealing.age_file import AgeFile
from verify.identity import Recipient


def sealed_letter_of(content: bytes, recipients: Sequence[Recipient]) -> bytes:
    """Returns an age file of `content`; no key to it is left in this process.

    Raises:
        RecipientRefusedError: there is no recipient, or kinds are mixed.
    """
    target = BytesIO()
    letter = AgeFile(target, recipients)
    letter.write(content)
    letter.close()
    return target.getvalue()
