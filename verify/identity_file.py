"""Identity files as the command line names them: a regular file, `-` for standard input, or an open descriptor."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

from verify.errors import NoIdentityError
from verify.identity import MAX_IDENTITY_FILE_BYTES, Identity, identities_of
from verify.private_key import IDENTITY, private_key_in
from verify.small_file import small_file

STANDARD_INPUT = "-"

# What a shell puts in place of `<(command)`: a pipe that is open already, so that reading it ends.
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,9})", re.ASCII)
# C2SP age.md, "Encrypted file format": the version line, and the armor around it.
_ENCRYPTED = (b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----")
_READING_STEP = "Name a file that this account may read, or give the identity on standard input with --identity -."


def is_stream(argument: str) -> bool:
    """Whether `--identity` names standard input or an open descriptor: nothing that stays on this host."""
    return argument == STANDARD_INPUT or _DESCRIPTOR.fullmatch(argument) is not None


def identities_in(argument: str) -> tuple[Identity, ...]:
    """Reads the identities that `--identity` names.

    Raises:
        NoIdentityError: there is no such file, no identity in it, it is encrypted itself, or it is another key.
        MalformedError: it is not an identity file.
    """
    name = "standard input" if argument == STANDARD_INPUT else argument
    try:
        content = _content_of(argument)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise NoIdentityError(f"the identity file {name} can't be read: {reason}", next_step=_READING_STEP) from error
    if content.lstrip().startswith(_ENCRYPTED):
        raise NoIdentityError(
            f"{name} is encrypted with age; what opens it is a passphrase or another identity",
            next_step="Decrypt it on the way, so that it lies nowhere in the clear: "
            f"`age -d {'FILE' if is_stream(argument) else shlex.quote(argument)} | COMMAND ... --identity -`.",
        )
    if (words := private_key_in(content)) is not None and words != IDENTITY:
        raise NoIdentityError(
            f"{name} is {words}, not an identity: identity.txt is",
            next_step="Give identity.txt, which `strongroom init` wrote into the offline folder.",
        )
    return identities_of(content, name)


def _content_of(argument: str) -> bytes:
    """The file's bytes, one more than the limit of a longer one. Raises OSError, ValueError."""
    most = MAX_IDENTITY_FILE_BYTES
    if argument == STANDARD_INPUT:
        return sys.stdin.buffer.read(most + 1)
    if descriptor := _DESCRIPTOR.fullmatch(argument):
        with os.fdopen(os.dup(int(descriptor[1])), "rb") as file:
            return file.read(most + 1)
    return small_file(Path(argument), most)
