"""No room: a disk, a quota or a file that can't grow, told from a place that can't be written at all."""

from __future__ import annotations

import errno
from pathlib import Path

from verify.errors import OutputError

NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
NO_ROOM_STEP = "Make room there, or name a place on another disk, and run the command again."


def require_room(path: Path, error: OSError) -> None:
    """Returns if writing `path` failed for another reason than room.

    Raises:
        OutputError: there is no room for it.
    """
    if error.errno in NO_ROOM:
        raise OutputError(f"{path} can't be written: {error.strerror}", next_step=NO_ROOM_STEP) from error
