"""The root of every error that Strongroom raises on purpose, and the verifier's own tree.

StrongroomError                         1
├── UsageError                          2   a word on the command line that names nothing
├── RefusedError                        4   going on would be unsafe
├── OccupiedPlaceError                  4   a result would take the place of what must stay as it is
├── LockNotEnforcedError               21   a store is asked for a lock that it can't enforce
├── SignatureError                     30   a signature is missing, invalid or by a key without the role
├── DigestError                        31   bytes are not those that were signed for
├── LogError                           32   fork, rollback, gap, or a log that does not add up
├── StaleError                         33   newer evidence was expected
├── WrongArchiveError                  34   another archive, or another tenant
├── MalformedError                     35   bytes that are not what the format allows
├── NoIdentityError                    40   an identity is needed and none was given
├── WrongIdentityError                 41   what is to be opened is sealed to somebody else
├── OutputError                        23   what was found can't be written where it was to go
└── UnreachableArchiveError            20   the archive, or a file of it, can't be read
    └── MissingFileError               20   the archive can be read, and this file is not in it

Mistakes of the programmer (TypeError, KeyError ...) are not in the tree.
"""

from __future__ import annotations

from typing import ClassVar


class StrongroomError(Exception):
    """What went wrong, the exit status of its class, and what to do next.

    `exit_status` is the process's exit code (one per class); `next_step` is a sentence for the operator.
    """

    exit_status: ClassVar[int] = 1
    default_next_step: ClassVar[str] = "Report this as a defect, with the command and its output."

    def __init__(self, message: str, *, next_step: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step or self.default_next_step


class UsageError(StrongroomError):
    exit_status = 2
    default_next_step = "Run the command again with --help."


class RefusedError(StrongroomError):
    exit_status = 4
    default_next_step = "Nothing was written. Read the message; change the settings or keys that it names."


class LockNotEnforcedError(StrongroomError):
    exit_status = 21
    default_next_step = 'Say mode = "none" for this store, or use one that can enforce a lock.'


class OccupiedPlaceError(StrongroomError):
    exit_status = 4
    default_next_step = "Name a place apart from the archive, its keys and its state, and from what the command reads."


class SignatureError(StrongroomError):
    exit_status = 30
    default_next_step = "Treat the archive as forged until proved otherwise; compare with another store or medium."


class DigestError(StrongroomError):
    exit_status = 31
    default_next_step = "Fetch the named file from another store; the bytes here are damaged or replaced."


class LogError(StrongroomError):
    exit_status = 32
    default_next_step = "Keep both histories as evidence and compare with a witness's checkpoint or another store."


class StaleError(StrongroomError):
    exit_status = 33
    default_next_step = "Find out why no newer snapshot has arrived; look at `strongroom status` on the archive host."


class WrongArchiveError(StrongroomError):
    exit_status = 34
    default_next_step = "Check which archive, tenant and trust root belong together."


class MalformedError(StrongroomError):
    exit_status = 35
    default_next_step = "Fetch the named file from another store; these bytes are not what FORMAT.md allows."


class NoIdentityError(StrongroomError):
    exit_status = 40
    default_next_step = "Give an age identity file with --identity, or verify at level 0, which needs none."


class WrongIdentityError(StrongroomError):
    exit_status = 41
    default_next_step = "Use the identity of this archive, and of the key period in which the snapshot was sealed."


class OutputError(StrongroomError):
    exit_status = 23
    default_next_step = "Make room, or send standard output elsewhere, and run the command again."


class UnreachableArchiveError(StrongroomError):
    exit_status = 20
    default_next_step = "Check the path or URL, and that this account may read it."


class MissingFileError(UnreachableArchiveError):
    default_next_step = "Fetch the named file from another store or medium."
