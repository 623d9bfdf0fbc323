"""Settings that this version does not act on, refused: an ignored setting is a false promise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from config.errors import UnsupportedSettingError
from config.outline import ANY_INDEX
from config.store_word import LATER_SCHEMES

ANY = object()


class Unsupported(NamedTuple):
    """A setting or a value of it. `value`: the refused value, or ANY for whatever it is set to."""

    path: tuple[str, ...]
    value: object = ANY


_STORE = ("stores", ANY_INDEX)
UNSUPPORTED = (
    Unsupported(("archive", "role"), "assure"),
    Unsupported(("keys", "assure_recipient")),
    *(
        Unsupported((*_STORE, name))
        for name in (
            "lock", "storage_class", "endpoint_url", "region", "addressing", "account_url", "api_version",
            "ca_bundle_file", "put", "read", "observe", "expire",
        )
    ),
    *(
        Unsupported((name,))
        for name in ("exchange", "retention", "recovery", "objectives", "alerts", "metrics")
    ),
)  # fmt: skip


def refuse_unsupported(raw: Mapping[str, Any]) -> None:
    """Goes over the settings as read from the file.

    Raises: UnsupportedSettingError, which names the first setting that this version would ignore.
    """
    for entry in UNSUPPORTED:
        for path, value in _found(raw, entry.path, ()):
            if entry.value is ANY and value != []:
                raise UnsupportedSettingError(f"{path} is not supported in this version.")
            if value == entry.value:
                raise UnsupportedSettingError(f'{path} = "{value}" is not supported in this version.')
    for path, value in _found(raw, ("stores", ANY_INDEX, "url"), ()):
        for scheme in LATER_SCHEMES:
            if isinstance(value, str) and value.startswith(scheme):
                raise UnsupportedSettingError(
                    f"{path} begins with {scheme}, which is not supported in this version.",
                    next_step="Use a folder: dir:PATH.",
                )


def _found(node: Any, path: tuple[str, ...], above: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Where `path` stands in `node`: (dotted path, value), once for each element of an array."""
    if not path:
        yield ".".join(above), node
        return
    head, rest = path[0], path[1:]
    if head == ANY_INDEX and isinstance(node, list):
        for index, element in enumerate(node):
            yield from _found(element, rest, (*above, str(index)))
    elif isinstance(node, dict) and head in node:
        yield from _found(node[head], rest, (*above, head))
