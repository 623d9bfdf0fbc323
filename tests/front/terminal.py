"""A stream that says of itself that it is a terminal."""

from __future__ import annotations

import io


class Terminal(io.StringIO):
    """A terminal that remembers what was written, or that answers what it was made with."""

    def isatty(self) -> bool:
        return True
