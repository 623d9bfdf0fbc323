"""A section of the settings: strict, frozen, closed; and the setting, a field that explains itself."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """Base of every table in strongroom.toml: wrong types are not converted, unknown keys are errors."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", hide_input_in_errors=True)


def setting(description: str, *, unit: str, example: object, default: Any = ..., **bounds: Any) -> Any:
    """A field of a section. `unit` says what the value counts or is; `example` is a value that is valid.

    `default=...` makes it required. `bounds` are pydantic's (ge, le, min_length, max_length, pattern).
    """
    return Field(default, description=description, examples=[example], json_schema_extra={"unit": unit}, **bounds)
