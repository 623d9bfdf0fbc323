"""The commented settings file, made from the model: the shipped example, and what `strongroom init` writes.

`python -m config.example` prints the example.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import PydanticUndefined

from config.outline import ANY_INDEX, Setting, outline_of

TEXT_COLUMNS = 100
HEADER = """\
Settings of Strongroom, in TOML 1.0. All times are UTC. Relative paths start at the folder of this file.
No secret stands here: a setting that ends in _file names a file (mode 600 where it is secret), or a systemd
credential as "credential:NAME". An environment variable overrides a single setting:
STRONGROOM__ARCHIVE__STATE_DIR, STRONGROOM__STORES__0__RETENTION_DAYS.
A line that begins with # and a name shows a setting that is not set here, with its default or an example."""

# What the shipped example sets beyond what is required; `settings_text` writes everything else as a comment.
EXAMPLE_VALUES: Mapping[str, Any] = {
    "tenant.credential.kind": "certificate",
    "tenant.credential.client_id": "11111111-2222-4333-8444-555555555555",
    "tenant.credential.certificate_file": "credential:graph.pem",
    "keys.signer_file": "keys/signer.json",
    "keys.recipients": ["age1pq1qpzry9x8gf2tvdw0s3jn54khce6mua7l"],
    "keys.trust_root_file": "keys/trust-root.json",
}


def settings_text(values: Mapping[str, Any]) -> str:
    """A complete, commented settings file.

    `values`: dotted path (`tenant.id`, `stores.0.url`) to the value as TOML has it. What is not in it is its
    example where the model requires it, and a comment otherwise.
    Raises: KeyError for a path that the model does not have.
    """
    outline = list(outline_of())
    unknown = set(values) - {_dotted(setting) for setting in outline if setting.section is None}
    if unknown:
        raise KeyError(f"no such setting: {sorted(unknown)}")
    lines = [f"# {line}" for line in HEADER.splitlines()]
    for setting in outline:
        lines_of = _section_lines if setting.section else _setting_lines
        lines += lines_of(setting, values)
    return "\n".join(lines) + "\n"


def _section_lines(setting: Setting, values: Mapping[str, Any]) -> Iterator[str]:
    name = ".".join(part for part in setting.path if part != ANY_INDEX)
    header = f"[[{name}]]" if setting.is_array else f"[{name}]"
    yield ""
    yield from _comment_lines(str(setting.field.description))
    yield header if _is_written(setting, values) else f"#{header}"


def _setting_lines(setting: Setting, values: Mapping[str, Any]) -> Iterator[str]:
    parent = next((one for one in outline_of() if one.path == setting.path[:-1]), None)
    path, field = _dotted(setting), setting.field
    shown = values.get(path, _shown_value(setting))
    is_set = path in values or (field.is_required() and (parent is None or _is_written(parent, values)))
    extra = field.json_schema_extra
    unit = extra["unit"] if isinstance(extra, dict) else ""
    yield ""
    yield from _comment_lines(f"{field.description} [{unit}; {_default_of(setting)}]")
    yield f"{'' if is_set else '#'}{setting.path[-1]} = {_toml(shown)}"


def _is_written(section: Setting, values: Mapping[str, Any]) -> bool:
    """An optional section (`X | None`) is a comment until a value in it is given."""
    optional = not section.field.is_required() and section.field.default is None
    return not optional or any(path.startswith(_dotted(section) + ".") for path in values)


def _shown_value(setting: Setting) -> Any:
    default = setting.field.default
    unset = default is PydanticUndefined or default is None or default == ()
    return (setting.field.examples or [None])[0] if unset else default


def _default_of(setting: Setting) -> str:
    default = setting.field.default
    if setting.field.is_required():
        return "required"
    if default is None or default == ():
        return "no default"
    return f"default {_toml(default)}"


def _comment_lines(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, TEXT_COLUMNS, break_on_hyphens=False)]


def _toml(value: Any) -> str:
    """A value as TOML writes it. JSON's strings are TOML's basic strings but for DEL, which TOML escapes."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(element) for element in value)}]"
    if isinstance(value, (str, bool, int, float)):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    raise TypeError(f"{type(value).__name__} has no place in a settings file")


def _dotted(setting: Setting) -> str:
    return ".".join(setting.path).replace(ANY_INDEX, "0")


if __name__ == "__main__":
    sys.stdout.write(settings_text(EXAMPLE_VALUES))
