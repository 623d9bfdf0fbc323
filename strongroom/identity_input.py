"""Identities from a file or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from verify.errors import NoIdentityError
from verify.identity import MAX_IDENTITY_FILE_BYTES, Identity, identities_of

STANDARD_INPUT = "-"


def identities_from(name: str) -> tuple[Identity, ...]:
    """Reads an age identity file; `-` is standard input.

    Raises:
        NoIdentityError: it can't be read, or holds no identity.
        MalformedError: it is not an identity file.
    """
    if name == STANDARD_INPUT:
        return identities_of(sys.stdin.buffer.read(MAX_IDENTITY_FILE_BYTES + 1), "standard input")
    try:
        with Path(name).open("rb") as source:
            return identities_of(source.read(MAX_IDENTITY_FILE_BYTES + 1), name)
    except OSError as error:
        raise NoIdentityError(f"{name} can't be read: {error.strerror}") from error
