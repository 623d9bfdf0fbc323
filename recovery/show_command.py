"""The command that shows all of an object: what a difference leaves out of one that was added or removed."""

from __future__ import annotations

import shlex
from collections.abc import Sequence


def show_command_of(archive: str, collection: str, id_: str, parent: Sequence[str], snapshot: int) -> str:
    """A line to paste into a shell. `archive` is the word for the archive, `parent` (collection, id, ...)."""
    words = ["strongroom", "show", archive, collection, "/".join((*parent[1::2], id_)), "--snapshot", str(snapshot)]
    return shlex.join(words)
