"""The names of a tenant's directory extensions, without which Graph's v1.0 gives none of their values.

They are in no schema: each tenant has its own, and applications of other tenants bring theirs. They are asked for once,
before the tenant is read, and only if a row needs them (Microsoft Learn, directoryObject
getAvailableExtensionProperties; extensionProperty).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

import msgspec

from archiver.gathering.address import path_at
from archiver.gathering.count import count_at
from archiver.gathering.reading import Reading, query_of
from archiver.graph.errors import MalformedPageError, ReadError, RequestRefusedError
from archiver.graph.page import Page, members_of, page_of, values_of
from archiver.graph.row import EXPAND_LIMIT, FOREIGN_EXTENSIONS, Row

ACTION = "/directoryObjects/getAvailableExtensionProperties"
"""Names the extensions of a tenant, also those of other tenants' applications; a POST that changes nothing."""
MOST_PRINCIPALS = 1000
"""With more service principals than that, the action's answer is empty whatever there is (a known issue of Graph's)."""
_PRINCIPALS = "/servicePrincipals"
_APPLICATIONS = "/applications" + query_of(select="id", expand="extensionProperties", top=999)
_OF_APPLICATION = "/applications/{id}/extensionProperties"
_UNITS = 2
"""Of a page of applications with what they contain, and of one application's definitions."""
_NAME = re.compile(r"extension_[0-9a-f]{32}_[0-9A-Za-z_]{1,256}")
"""What may go into a URL: the application's id without hyphens stands between (Microsoft Learn, extensionProperty)."""
_SHOWN_CHARACTERS = 100
_MOST_IN_URL = 60_000
"""Characters of names in one question: httpx makes no URL of more than 65,536. Graph says no limit of its own."""


class _Definition(msgspec.Struct, frozen=True):
    """Graph's extensionProperty, as far as it matters here."""

    name: str
    targets: list[str] = msgspec.field(name="targetObjects")


_DEFINITION = msgspec.json.Decoder(_Definition)


async def with_extensions(reading: Reading, rows: Sequence[Row]) -> list[Row]:
    """Gives the rows; those of directory extensions select all that Graph names for their objects.

    What can't be known or asked for is a gap. A row that then selects nothing but its key is not to be read.
    """
    needing = [row for row in rows if row.extensions_of is not msgspec.UNSET]
    if not needing:
        return list(rows)
    try:
        definitions, is_all = await _definitions(reading)
    except ReadError as error:
        for row in needing:
            reading.note_gap(row.collection, None, None, error)
        return list(rows)
    if not is_all:
        for row in needing:
            reading.note_gap(row.collection, FOREIGN_EXTENSIONS, None, _unknowable())
    return [_naming(reading, row, definitions) if row in needing else row for row in rows]


def is_nothing_to_read(row: Row) -> bool:
    """Whether a row is of directory extensions of which none has a name."""
    return row.extensions_of is not msgspec.UNSET and row.select == (row.key,)


def _naming(reading: Reading, row: Row, definitions: Sequence[_Definition]) -> Row:
    names = {definition.name for definition in definitions if row.extensions_of in definition.targets}
    usable = {name for name in names if _NAME.fullmatch(name)}
    for name in sorted(names - usable):
        shown = name[:_SHOWN_CHARACTERS]
        error = MalformedPageError(f"Graph names a directory extension {shown!r}, and none can have that name")
        reading.note_gap(row.collection, None, None, error)
    asked = _fitting(sorted(usable))
    if len(asked) < len(usable):
        reading.note_gap(row.collection, None, None, _too_many(len(asked), len(usable)))
    return msgspec.structs.replace(row, select=(*row.select, *asked))


def _fitting(names: Sequence[str]) -> Sequence[str]:
    """As many names as a URL takes, each with its comma."""
    ends = accumulate(len(name) + 1 for name in names)
    return names[: sum(end <= _MOST_IN_URL for end in ends)]


async def _definitions(reading: Reading) -> tuple[list[_Definition], bool]:
    """Gives the definitions, and whether those of other tenants' applications are among them. Raises ReadError."""
    named = await _named_by_action(reading)
    if named or await count_at(reading, "v1.0", _PRINCIPALS, "directory") <= MOST_PRINCIPALS:
        return named, True
    return await _of_own_applications(reading), False


async def _named_by_action(reading: Reading) -> list[_Definition]:
    client = reading.reader.client
    url = client.url_of("v1.0", ACTION)
    page = await reading.reader.ask(lambda: client.post(url, b"{}"), page_of, bucket="directory", units=1)
    found = _definitions_in(page)
    if page.next_link is not None:
        async for more in reading.pages(page.next_link, bucket="directory", units=1):
            found += _definitions_in(more)
    return found


async def _of_own_applications(reading: Reading) -> list[_Definition]:
    url_of = reading.reader.client.url_of
    found: list[_Definition] = []
    many: list[str] = []
    async for page in reading.pages(url_of("v1.0", _APPLICATIONS), bucket="directory", units=_UNITS):
        for application in values_of(page.values):
            members = members_of(bytes(application))
            contained = values_of(members.get("extensionProperties", b""))
            if len(contained) < EXPAND_LIMIT:
                found += map(_definition_in, contained)
            else:
                many.append(_id_in(members))
    for id_ in many:
        url = url_of("v1.0", path_at(_OF_APPLICATION, (), id_))
        async for page in reading.pages(url, bucket="directory", units=_UNITS):
            found += _definitions_in(page)
    return found


def _definitions_in(page: Page) -> list[_Definition]:
    return [_definition_in(value) for value in values_of(page.values)]


def _definition_in(unverified: msgspec.Raw) -> _Definition:
    try:
        return _DEFINITION.decode(unverified)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedPageError("the answer holds something that defines no directory extension") from error


def _id_in(members: dict[str, bytes]) -> str:
    try:
        return msgspec.json.decode(members.get("id", b""), type=str)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MalformedPageError("the answer holds an application without a usable id") from error


def _unknowable() -> ReadError:
    return RequestRefusedError(
        f"with more than {MOST_PRINCIPALS} service principals, Graph names no directory extensions of other tenants'"
        " applications (a known issue of getAvailableExtensionProperties); those of this tenant's own are read"
    )


def _too_many(asked: int, named: int) -> ReadError:
    return RequestRefusedError(
        f"the names of {named} directory extensions are longer than a URL: the values of the first {asked} are read",
        next_step="Delete definitions of extensions that nobody uses: values are asked for by name.",
    )
