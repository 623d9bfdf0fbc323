"""A file of JSON whose content goes to the simulated tenant in one request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from recovery.rehearsal.serving.server import LARGEST_REQUEST_BYTES
from verify.errors import UsageError
from verify.small_file import small_file


def request_in(file: Path, *, next_step: str) -> Any:
    """Gives what a file says. `next_step` says what to name, or write, instead of one that can't be used.

    Raises:
        UsageError: it can't be read, is longer than LARGEST_REQUEST_BYTES, or is not JSON.
    """
    try:
        content = small_file(file, LARGEST_REQUEST_BYTES)
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}", next_step=next_step) from error
    if len(content) > LARGEST_REQUEST_BYTES:
        raise UsageError(
            f"{file} is longer than {LARGEST_REQUEST_BYTES:,} bytes", next_step="Send it in several parts."
        )
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is not JSON: {error}", next_step=next_step) from error
