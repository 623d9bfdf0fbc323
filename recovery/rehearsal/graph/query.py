"""The query part of a request: `$top`, `$select`, `$expand`, `$filter`, `$count` and the place in a listing."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

from recovery.rehearsal.graph.refusal import bad_request, unsupported_query

KNOWN_OPTIONS = frozenset(
    ("$top", "$select", "$expand", "$filter", "$count", "$orderby", "$skiptoken", "$deltatoken", "$format")
)
LONGEST_QUERY_CHARACTERS = 16_384
"""Bound before parsing; a `$select` of every user property needs about 2,000."""

_EXPANSION = re.compile(r"(?P<name>[A-Za-z]+)(?:\(\$select=(?P<select>[A-Za-z0-9,@._ ]+)\))?\s*(?:,|$)")


class Expansion(NamedTuple):
    """One relation to send along, and which properties of its targets (None: their defaults)."""

    relation: str
    select: tuple[str, ...] | None


class Query(NamedTuple):
    """A parsed query. `text` is the query without its token, as the next link repeats it."""

    top: int | None = None
    select: tuple[str, ...] | None = None
    expand: tuple[Expansion, ...] = ()
    filter: str | None = None
    counted: bool = False
    order: str | None = None
    skip_token: str | None = None
    delta_token: str | None = None
    text: str = ""


def query_of(text: str) -> Query:
    """Parses a raw query string (percent-encoded, without `?`).

    Raises: Refusal (400) for options that are malformed, unknown to Graph or not served here.
    """
    if len(text) > LONGEST_QUERY_CHARACTERS:
        raise bad_request("The query is too long.")
    options: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        option = name if name.startswith("$") else f"${name}"
        option = option.lower()
        if option not in KNOWN_OPTIONS:
            if name.startswith("$"):
                raise unsupported_query(f"Query option '{name}' is not supported.")
            continue
        if option in options:
            raise bad_request(f"Query option '{name}' was specified more than once.")
        options[option] = value
    token, delta_token = options.pop("$skiptoken", None), options.pop("$deltatoken", None)
    return Query(
        top=_top_of(options.get("$top")),
        select=_names_of(options.get("$select")),
        expand=_expansions_of(options.get("$expand")),
        filter=options.get("$filter"),
        counted=_truth_of(options.get("$count")),
        order=options.get("$orderby"),
        skip_token=token,
        delta_token=delta_token,
        text="&".join(f"{name}={quote(value, safe=CLEAR)}" for name, value in options.items()),
    )


CLEAR = "$,()'=/:"
"""Characters that stay readable in a link's query."""


def _top_of(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,9}", text) or int(text) == 0:
        raise bad_request(f"Invalid value '{text}' for $top query option found.")
    return int(text)


def _names_of(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise bad_request("The $select query option has an empty item.")
    return names


def _truth_of(text: str | None) -> bool:
    if text not in (None, "true", "false"):
        raise bad_request(f"Invalid value '{text}' for $count query option found.")
    return text == "true"


def _expansions_of(text: str | None) -> tuple[Expansion, ...]:
    if text is None:
        return ()
    found, at = [], 0
    while at < len(text):
        match = _EXPANSION.match(text, at)
        if match is None:
            raise unsupported_query(f"The $expand query option '{text}' is not supported.")
        found.append(Expansion(match["name"], _names_of(match["select"])))
        at = match.end()
    return tuple(found)
