"""Single settings from the environment: STRONGROOM__ARCHIVE__STATE_DIR, STRONGROOM__STORES__0__URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from config.document import tables_of
from config.errors import SettingsError, UnknownSettingError
from config.outline import is_index, outline_of, setting_at
from config.suggestion import suggestion_for

PREFIX = "STRONGROOM__"
SEPARATOR = "__"
MAX_VALUE_CHARACTERS = 65_536  # ours: several times the longest list of recipients


class Override(NamedTuple):
    """One environment variable that sets one setting. `value` is what TOML would have given."""

    variable: str
    path: tuple[str, ...]
    value: Any


def overrides_of(environ: Mapping[str, str]) -> list[Override]:
    """The overrides in an environment, in the order of their names.

    Text settings take the variable as it is; others are read as a TOML value (`2`, `true`, `["users"]`).
    Raises: UnknownSettingError, SettingsError (a section, or a value that is too long).
    """
    return [_override_of(name, environ[name]) for name in sorted(environ) if name.startswith(PREFIX)]


def apply_override(raw: dict[str, Any], override: Override) -> None:
    """Sets one setting in the settings as read from the file, making tables where they are absent.

    Raises: SettingsError where the file has something else in that place, or no such element of an array.
    """
    node: Any = raw
    for part, following in zip(override.path, override.path[1:], strict=False):
        if isinstance(node, list):
            node = _element(node, part, override)
        elif isinstance(node, dict):
            node = node.setdefault(part, [] if is_index(following) else {})
    if not isinstance(node, dict):
        raise SettingsError(
            f"{override.variable} sets {'.'.join(override.path)}, but the file has no table there.",
            next_step=f"Correct the file, or unset {override.variable}.",
        )
    node[override.path[-1]] = override.value


def _override_of(variable: str, text: str) -> Override:
    path = tuple(variable.removeprefix(PREFIX).lower().split(SEPARATOR))
    setting = setting_at(path)
    if setting is None and any(other.path[: len(path)] == path for other in outline_of()):
        raise SettingsError(
            f"The environment variable {variable} names a whole list of tables.",
            next_step=f"Set single settings, such as {_variable_of(_first_setting(path))}.",
        )
    if setting is None:
        raise UnknownSettingError(
            f"The environment variable {variable} names no setting.{suggestion_for(path, _variable_of)}",
            next_step=f"Correct the variable's name, or unset {variable}.",
        )
    if setting.section or len(text) > MAX_VALUE_CHARACTERS:
        what = "a whole section" if setting.section else "a setting, with too long a value"
        raise SettingsError(
            f"The environment variable {variable} names {what}.",
            next_step=f"Set single settings, such as {_variable_of(_first_setting())}.",
        )
    return Override(variable, path, text if setting.takes_text else _toml_value(text, variable))


def _toml_value(text: str, variable: str) -> Any:
    """The value that `name = TEXT` gives; what is no TOML value stays text, and validation names its type."""
    try:
        document = tables_of(f"value = {text}", variable)
    except ValueError:
        return text
    return document["value"] if set(document) == {"value"} else text


def _element(node: list[Any], index: str, override: Override) -> Any:
    if int(index) >= len(node):
        raise SettingsError(
            f"{override.variable} sets element {index} of {override.path[0]}, but the file has {len(node)}.",
            next_step=f"Add the table to the file, or unset {override.variable}.",
        )
    return node[int(index)]


def _variable_of(path: tuple[str, ...]) -> str:
    return PREFIX + SEPARATOR.join(path).upper().replace("*", "0")


def _first_setting(within: tuple[str, ...] = ()) -> tuple[str, ...]:
    return next(
        setting.path for setting in outline_of() if setting.section is None and setting.path[: len(within)] == within
    )
