"""Which file holds the settings: the one that is named, or the first that is there of the usual ones.

Imports no model, so that a command which needs no settings finds that out at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from config.errors import SettingsError, SettingsNotFoundError

FILE_VARIABLE = "STRONGROOM_CONFIG"
LOCAL_FILE = Path("strongroom.toml")
SYSTEM_FILE = Path("/etc/strongroom/strongroom.toml")


def usual_files(environ: Mapping[str, str]) -> list[Path]:
    """The files that are looked for when none is named: $STRONGROOM_CONFIG's alone, or ./strongroom.toml, then /etc."""
    named = environ.get(FILE_VARIABLE)
    return [Path(named)] if named else [LOCAL_FILE, SYSTEM_FILE]


def find_settings_file(path: Path | None, environ: Mapping[str, str]) -> Path:
    """The settings file, absolute and free of symbolic links in its folder; `path` is what --config names.

    Raises: SettingsNotFoundError, with the places that were looked at.
    """
    candidates = [path] if path else usual_files(environ)
    for candidate in candidates:
        try:
            if candidate.exists():
                return candidate.parent.resolve() / candidate.name
        except OSError as error:
            raise SettingsError(f"{candidate} can't be looked at: {error.strerror}.") from error
    raise SettingsNotFoundError(f"No settings file: {' and '.join(map(str, candidates))} not found.")
