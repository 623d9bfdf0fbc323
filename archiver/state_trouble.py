"""What the operating system says of the state folder, as an error that says what to do."""

from __future__ import annotations

import errno

from vault.errors import SpoolError

_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


_RIGHT_STEP = "Run as the account that owns archive.state_dir, and see that its file system is mounted for writing."


def spool_error_of(error: OSError, what: str) -> SpoolError:
    """Gives the error for `what` could not be done; a missing right needs another step than a full disk."""
    return SpoolError(f"{what}: {error.strerror or error}", next_step=_RIGHT_STEP if error.errno in _NO_RIGHT else None)


def with_its_step(error: SpoolError) -> SpoolError:
    """Gives an error of the vault's with the step that its cause needs: it advises to free space, whatever it was."""
    cause = error.__cause__
    if not isinstance(cause, OSError) or cause.errno not in _NO_RIGHT:
        return error
    return type(error)(error.message, next_step=_RIGHT_STEP)
