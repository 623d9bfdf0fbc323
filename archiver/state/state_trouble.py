"""What the operating system says of the state folder, as an error that says what to do."""

from __future__ import annotations

import errno

from vault.errors import SpoolError

_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


_WRONG_PLACE = frozenset(
    {errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL, errno.ENXIO}
)
"""The last two: a FIFO or a device lies where a file belongs (vault.regular_file)."""

_RIGHT_STEP = "Run as the account that owns archive.state_dir, and see that its file system is mounted for writing."
_GONE_STEP = (
    "See what became of it: a link that leads nowhere, or a folder that is gone or not mounted; then run again."
)
_PLACE_STEP = "See what lies there, and set archive.state_dir to a folder that nothing else writes to."


def spool_error_of(error: OSError, what: str) -> SpoolError:
    """Gives the error for `what` could not be done; the steps differ: no room, no right, a wrong place, a gone one."""
    return SpoolError(f"{what}: {error.strerror or error}", next_step=_step_of(error))


def with_its_step(error: SpoolError) -> SpoolError:
    """Gives an error of the vault's with the step that its cause needs: it advises to free space, whatever it was."""
    cause = error.__cause__
    step = _step_of(cause) if isinstance(cause, OSError) else None
    return error if step is None else type(error)(error.message, next_step=step)


def _step_of(error: OSError) -> str | None:
    """None where room is what may be missing, which is what the class of the error speaks of."""
    if error.errno in _NO_RIGHT:
        return _RIGHT_STEP
    if error.errno == errno.ENOENT:
        return _GONE_STEP
    return _PLACE_STEP if error.errno in _WRONG_PLACE else None
