"""Which version of the state folder's files this program reads, and whether a folder holds that one.

state/format says the number. A folder without it is known by its ledger's head, so that one of another version
is not taken for a damaged or forged one. Where the number stands, a head with other members is a damaged one.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from archiver.errors import StateFormatError
from archiver.state.state_paths import StatePaths
from archiver.state.state_trouble import spool_error_of
from vault.durable import write_file
from vault.ledger.head import HEAD_FILE, EpochFull, Head, LastCheckpoint
from vault.regular_file import beginning_of

STATE_FORMAT = 1
"""Goes up with every change of a file in the state folder that an earlier version would misread."""
_MAX_BYTES = 1024 * 1024
_MAX_NUMBER_BYTES = 9


def require_state_format(state: Path) -> None:
    """Looks, and writes nothing.

    Raises:
        StateFormatError: another version of Strongroom wrote the folder, or its number can't be read.
        SpoolError: it can't be read.
    """
    number = _number_in(state)
    if number not in (None, STATE_FORMAT):
        raise StateFormatError(f"the state in {state} is of format {number}, this version reads {STATE_FORMAT}")
    if number is None and not _head_fits(state):
        raise StateFormatError(
            f"the state in {state} was written by another version of Strongroom: its ledger/head.json has other members"
        )


def mark_state_format(state: Path) -> None:
    """Writes the number where it is not; the caller holds the state's lock, and has looked.

    Raises: StateFormatError, SpoolError.
    """
    if _number_in(state) is None:
        try:
            write_file(StatePaths(state).format_file, f"{STATE_FORMAT}\n".encode())
        except OSError as error:
            raise spool_error_of(error, f"the state in {state} can't be written") from error


def _number_in(state: Path) -> int | None:
    """The number; None where there is no file. Raises StateFormatError, SpoolError."""
    file = StatePaths(state).format_file
    text = _content_of(file)
    if text is None:
        return None
    if not text.strip().isdigit() or len(text) > _MAX_NUMBER_BYTES:
        raise StateFormatError(
            f"nobody can tell which version of Strongroom wrote the state in {state}: {file.name} holds no number",
            next_step=f"See who wrote {file}. If no other version has worked here, remove that file: the next run goes "
            "by the ledger, and writes it anew. Nothing was written.",
        )
    return int(text)


def _head_fits(state: Path) -> bool:
    """Whether the head has the members that it should; a damaged one is the ledger's own business."""
    content = _content_of(StatePaths(state).ledger / HEAD_FILE)
    try:
        head = json.loads(content) if content is not None else None
    except (ValueError, RecursionError):
        return True
    if not isinstance(head, dict):
        return True
    full, checkpoint = head.get("full"), head.get("checkpoint")
    return (
        _fits(head, Head)
        and {"full", "checkpoint"} <= set(head)
        and (not isinstance(full, dict) or _fits(full, EpochFull))
        and (not isinstance(checkpoint, dict) or _fits(checkpoint, LastCheckpoint))
    )


def _fits(document: dict[str, Any], kind: type) -> bool:
    known = fields(kind)
    needed = {one.name for one in known if one.default is MISSING and one.default_factory is MISSING}
    return needed <= set(document) <= {one.name for one in known}


def _content_of(file: Path) -> bytes | None:
    try:
        return beginning_of(file, _MAX_BYTES)
    except OSError as error:
        raise spool_error_of(error, f"the state in {file.parent} can't be read") from error
