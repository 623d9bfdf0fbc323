"""How this program is called, for lines that somebody pastes."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

NAME = "strongroom"


def program_word() -> str:
    """The word that starts this program again in the same shell: its name where it is on the path, else its place."""
    place = Path(sys.argv[0])
    if place.name != NAME:
        return NAME
    found = shutil.which(NAME)
    return NAME if found and place.exists() and Path(found).samefile(place) else shlex.quote(str(place.absolute()))
