"""The outline of the settings: every section and every setting of the model, with its path."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from config.section import Section
from config.settings import Settings

ANY_INDEX = "*"


class Setting(NamedTuple):
    """One setting or section. `path`: its names from the top, with "*" for the index of an array of tables.

    `section` is the model of a section, and None for a setting.
    """

    path: tuple[str, ...]
    field: FieldInfo
    section: type[Section] | None

    @property
    def is_array(self) -> bool:
        return self.path[-1] == ANY_INDEX

    @property
    def takes_text(self) -> bool:
        """Whether the setting is a string in TOML, so that an environment variable's text is its value."""
        return any(_is_text(member) for member in _members_of(self.field.annotation))


def outline_of(section: type[Section] = Settings, above: tuple[str, ...] = ()) -> Iterator[Setting]:
    """All settings and sections below `section`, in the model's order, sections before their settings."""
    for name, field in section.model_fields.items():
        if field.exclude:
            continue
        inner = _section_in(field.annotation)
        path = (*above, name, ANY_INDEX) if inner and _is_tuple(field.annotation) else (*above, name)
        yield Setting(path, field, inner)
        if inner:
            yield from outline_of(inner, path)


def is_index(part: str) -> bool:
    """Whether a part of a path is the index of an array of tables: a number as `int` reads it."""
    return part.isascii() and part.isdecimal()


def setting_at(path: tuple[str, ...]) -> Setting | None:
    """The setting at a path whose array indexes may be numbers, or None."""
    wanted = tuple(ANY_INDEX if is_index(part) else part for part in path)
    return next((setting for setting in outline_of() if setting.path == wanted), None)


def _members_of(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in {Union, types.UnionType} else (annotation,)


def _section_in(annotation: Any) -> type[Section] | None:
    """The section model that an annotation holds: X, X | None or tuple[X, ...]."""
    for member in _members_of(annotation):
        candidate = get_args(member)[0] if _is_tuple(member) else member
        if isinstance(candidate, type) and issubclass(candidate, Section):
            return candidate
    return None


def _is_tuple(annotation: Any) -> bool:
    return get_origin(annotation) is tuple


def _is_text(annotation: Any) -> bool:
    if get_origin(annotation) is Literal:
        return True
    bare = get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
    return isinstance(bare, type) and (bare is str or bare.__name__ == "Path")
