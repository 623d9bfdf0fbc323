"""From a file and an environment to settings: found, read, overridden, refused where unsafe, proved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.complaint import complaint_of
from config.document import document_in
from config.errors import SettingsError
from config.override import apply_override, overrides_of
from config.place import Place
from config.settings import Settings
from config.settings_file import find_settings_file
from config.suggestion import dotted
from config.unsupported import refuse_unsupported

CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"  # systemd.exec(5), LoadCredential=


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
