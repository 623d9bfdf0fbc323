"""Where identities were once given on this host, so that `doctor` can say while one of them stays readable.

STATE/identities.txt holds absolute paths, one a line; never any part of an identity.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from archiver.state.state_paths import StatePaths
from vault.durable import write_file
from vault.regular_file import opened
from verify.identity import Identity
from verify.identity_file import is_stream

MAX_TRACED_PATHS = 64
MAX_TRACE_BYTES = 512 * 1024
"""Bytes; 64 paths of at most 4,096 characters are half of it."""


def lies_here(word: str, identities: Sequence[Identity], recipients: Collection[str]) -> bool:
    """Whether an identity of this archive came from a file of this host; `word` is what --identity names."""
    return not is_stream(word) and any(identity.recipient.text in recipients for identity in identities)


class IdentityTrace:
    """The trace in a state folder."""

    def __init__(self, state: Path) -> None:
        self._file = StatePaths(state).identities_file

    def remember(self, path: Path) -> None:
        """Adds a path; the oldest is forgotten beyond MAX_TRACED_PATHS. Raises OSError."""
        paths = [known for known in self.paths() if known != path]
        lines = [os.fsencode(one) for one in [*paths, path][-MAX_TRACED_PATHS:] if "\n" not in str(one)]
        write_file(self._file, b"".join(line + b"\n" for line in lines))

    def paths(self) -> list[Path]:
        """All paths, oldest first; none where nothing was traced."""
        content = b""
        with suppress(FileNotFoundError), opened(self._file) as source:
            content = source.read(MAX_TRACE_BYTES)
        return [Path(os.fsdecode(line)) for line in content.split(b"\n") if line]
