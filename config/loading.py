"""From a file and an environment to settings: found, read, overridden, refused where unsafe, proved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.complaint import complaint_of
from config.document import document_in
from config.errors import SettingsError, SettingsNotFoundError
from config.override import apply_override, overrides_of
from config.place import Place
from config.settings import Settings
from config.suggestion import dotted
from config.unsupported import refuse_unsupported

FILE_VARIABLE = "STRONGROOM_CONFIG"
CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"  # systemd.exec(5), LoadCredential=
LOCAL_FILE = Path("strongroom.toml")
SYSTEM_FILE = Path("/etc/strongroom/strongroom.toml")


def load_settings(path: Path | None, environ: Mapping[str, str], *, require_files: bool = True) -> Settings:
    """The settings of this host, proved; all paths in them are absolute.

    `path` is what --config names; without it $STRONGROOM_CONFIG, then ./strongroom.toml, then the system's
    file. `require_files=False` is for commands that only read archives: named files may be absent or out
    of this account's reach, and a systemd credential need not be mounted. A secret that is in reach of
    others is refused either way.

    Raises: SettingsError and its kinds (10), RefusedError (4), LockNotEnforcedError (21).
    """
    source = find_settings_file(path, environ)
    raw = document_in(source)
    overrides = overrides_of(environ)
    for override in overrides:
        apply_override(raw, override)
    refuse_unsupported(raw)
    credentials = environ.get(CREDENTIALS_VARIABLE)
    place = Place(source.parent, Path(credentials) if credentials else None, require_files)
    try:
        return Settings.model_validate(_with_source(_tuples_of(raw), source), context=place)
    except ValidationError as error:
        raise complaint_of(error, {dotted(one.path): one.variable for one in overrides}) from None


def find_settings_file(path: Path | None, environ: Mapping[str, str]) -> Path:
    """The settings file, absolute and free of symbolic links in its folder.

    Raises: SettingsNotFoundError, with the places that were looked at.
    """
    named = path or (Path(environ[FILE_VARIABLE]) if environ.get(FILE_VARIABLE) else None)
    candidates = [named] if named else [LOCAL_FILE, SYSTEM_FILE]
    for candidate in candidates:
        try:
            if candidate.exists():
                return candidate.parent.resolve() / candidate.name
        except OSError as error:
            raise SettingsError(f"{candidate} can't be looked at: {error.strerror}.") from error
    raise SettingsNotFoundError(f"No settings file: {' and '.join(map(str, candidates))} not found.")


def _tuples_of(node: Any) -> Any:
    """TOML's lists as tuples, which is what a frozen model holds."""
    if isinstance(node, dict):
        return {name: _tuples_of(value) for name, value in node.items()}
    return tuple(_tuples_of(value) for value in node) if isinstance(node, list) else node


def _with_source(raw: dict[str, Any], source: Path) -> dict[str, Any]:
    """Adds the file's own path, which is not a setting: a file that has it is refused."""
    if "source" in raw:
        raise SettingsError("source is not a setting.", next_step="Remove the line.")
    return {**raw, "source": source}
