"""Identity files as the command line names them: a path, or `-` for standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from verify.errors import NoIdentityError
from verify.identity import MAX_IDENTITY_FILE_BYTES, Identity, identities_of

STANDARD_INPUT = "-"


def identities_in(argument: str) -> tuple[Identity, ...]:
    """Reads the identities that `--identity` names.

    Raises:
        NoIdentityError: there is no such file, or no identity in it.
        MalformedError: it is not an identity file.
    """
    if argument == STANDARD_INPUT:
        return identities_of(sys.stdin.buffer.read(MAX_IDENTITY_FILE_BYTES + 1), "standard input")
    try:
        with Path(argument).open("rb") as file:
            content = file.read(MAX_IDENTITY_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise NoIdentityError(f"the identity file {argument} can't be read: {error}") from error
    return identities_of(content, argument)
