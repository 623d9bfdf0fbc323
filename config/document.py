"""The settings file as TOML 1.0 gives it, bounded before it is parsed and before anything walks over it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from config.errors import SettingsError

MAX_FILE_BYTES = 1_048_576  # ours: several times the fullest settings file
MAX_NESTING = 16  # ours: the model's deepest setting lies four levels down
# A dotted key of more parts than that. The parser's time grows with the square of their number, so that this is
# looked for before it begins; the quantifiers are possessive, so that the look itself takes linear time.
_KEY_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_LONG_KEY = re.compile(f"(?<![A-Za-z0-9_-])(?:{_KEY_PART}){{{MAX_NESTING}}}")


def document_in(source: Path) -> dict[str, Any]:
    """The tables of a settings file.

    Raises: SettingsError: it is no regular file, can't be read, is no TOML, or is larger or deeper than settings are.
    """
    content = _content_of(source)
    try:
        text = content.decode("utf-8-sig")  # editors of Windows begin a file with a byte-order mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{source}, line {line}: not UTF-8.", next_step="Save the file as UTF-8.") from None
    try:
        return tables_of(text, str(source))
    except ValueError as error:
        raise SettingsError(
            f"{source} is not TOML: {error}.", next_step="Correct that line; text stands in double quotes."
        ) from None


def tables_of(text: str, where: str) -> dict[str, Any]:
    """Parses TOML that comes from `where`.

    Raises: ValueError: it is no TOML. SettingsError: it is nested deeper than settings are.
    """
    if found := _LONG_KEY.search(text):
        raise _too_deep(f"{where}, line {text.count(chr(10), 0, found.start()) + 1}")
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise _too_deep(where) from None
    if _is_deeper(document, MAX_NESTING):
        raise _too_deep(where)
    return document


def _content_of(source: Path) -> bytes:
    try:
        if not source.is_file():  # reading a FIFO would never end
            raise SettingsError(f"{source} is not a regular file.", next_step="Name the settings file itself.")
        with source.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SettingsError(
            f"{source} can't be read: {error.strerror}.", next_step="Name a file that this account may read."
        ) from error
    if len(content) > MAX_FILE_BYTES:
        raise SettingsError(f"{source} is larger than {MAX_FILE_BYTES} bytes.")
    return content


def _is_deeper(node: Any, levels: int) -> bool:
    if not isinstance(node, dict | list):
        return False
    inner = node.values() if isinstance(node, dict) else node
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inner)


def _too_deep(where: str) -> SettingsError:
    return SettingsError(
        f"{where}: nested more than {MAX_NESTING} levels deep.",
        next_step="Write each setting as config/strongroom.example.toml has it; none lies that deep.",
    )
