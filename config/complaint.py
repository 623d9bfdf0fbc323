"""Pydantic's complaints, as errors that name the setting and the way out; they never repeat a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.errors import ExposedSecretError, SettingsError, UnknownSettingError
from config.outline import setting_at
from config.suggestion import dotted, suggestion_for

MAX_COMPLAINTS = 20  # ours: more than one reads at a time
GRAVITY = {"exposed": 0, "extra_forbidden": 1}
"""Types of complaints that come before all others, by their place."""
TOML_TYPES = {
    dict: "a table",
    tuple: "a list",
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}


def complaint_of(error: ValidationError, variables: Mapping[str, str]) -> SettingsError:
    """One error for all that pydantic found, one line each; class and next step are those of the gravest.

    `variables`: dotted path to the environment variable that set it.
    """
    details = sorted(error.errors(include_url=False), key=lambda detail: GRAVITY.get(detail["type"], len(GRAVITY)))
    single = [_error_of(detail, variables) for detail in details[:MAX_COMPLAINTS]]
    gravest = single[0]
    lines = [one.message for one in single]
    if len(details) > MAX_COMPLAINTS:
        lines.append(f"... and {len(details) - MAX_COMPLAINTS} more.")
    return type(gravest)("\n".join(lines), next_step=gravest.next_step)


def _error_of(detail: ErrorDetails, variables: Mapping[str, str]) -> SettingsError:
    path = tuple(str(part) for part in detail["loc"])
    name = dotted(path)
    variable = variables.get(name)
    name += f" (set by {variable})" if variable else ""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return UnknownSettingError(f"{name} is not a setting.{suggestion_for(path)}")
        case "missing":
            return SettingsError(f"{name} is missing.", next_step=f"Set {name}{_example_of(path)}.")
        case "exposed":
            return ExposedSecretError(f"{name} {context['reason']}.", next_step=context["next_step"])
        case "value":
            return SettingsError(f"{name} {context['reason']}.", next_step=context["next_step"])
        case _:
            return SettingsError(f"{name} {_mistake(detail)}.", next_step=f"Correct {name}{_example_of(path)}.")


def _mistake(detail: ErrorDetails) -> str:
    """What is expected, and for a wrong type what is there."""
    expected = detail["msg"].replace("Input should", "should").replace("String should", "should")
    expected = expected.replace("Tuple should", "should").replace("tuple", "list").replace("dictionary", "table")
    expected = expected[0].lower() + expected[1:]
    if detail["type"].endswith("_type"):
        expected += f", and is {TOML_TYPES.get(type(detail['input']), 'of another type')}"
    return expected


def _example_of(path: tuple[str, ...]) -> str:
    setting = setting_at(path) or setting_at(path[:-1])
    examples: list[Any] = (setting.field.examples or []) if setting else []
    if not examples or examples[0] is None:
        return ""
    unit = (setting.field.json_schema_extra or {}) if setting else {}
    counted = f" ({unit['unit']})" if isinstance(unit, dict) and "unit" in unit else ""
    return f", for example {examples[0]!r}{counted}"
