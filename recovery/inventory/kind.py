"""What Graph never returns, as data: the rows in `kinds.json`, checked strictly when they are loaded.

A row says where a record proves that such a secret exists, which of its members describe it, and what to do. A member
that is left out has the value that most rows want.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from recovery.attribute import Value
from verify.errors import MalformedError

Way = Literal["enter", "renew", "elsewhere", "archived"]
"""Who brings it back: an operator enters it; whoever has the key makes it anew; another party keeps it; and what
Graph does return and the archive has only if it was asked for.
"""

UNPROVABLE: Final[tuple[tuple[str, str], ...]] = (
    ("app passwords of per-user MFA", "Users make new ones, where per-user MFA is still in use."),
    ("refresh tokens and sessions", "Everybody signs in again."),
    ("secrets inside what an extension calls (Logic Apps, functions)", "Back them up where they run, in Azure."),
)
"""What no record of Graph's proves or denies: what it is, and what to do."""


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a member must be: one of `among`, and none of `but`. Of an array, any element counts; null is an absent one.

    `member` is a name, or names joined by `/`.
    """

    member: str
    among: tuple[bool | str | None, ...] = ()
    but: tuple[bool | str | None, ...] = ()

    def holds(self, value: Value) -> bool:
        """Whether an object meets it."""
        found = member_of(value, self.member)
        values = found if isinstance(found, list) else [found]
        return (not self.among or any(_is_in(one, self.among) for one in values)) and not any(
            _is_in(one, self.but) for one in values
        )


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the evidence is: objects of these collections that meet all conditions. `unit` is what is counted."""

    collections: tuple[str, ...]
    when: tuple[Condition, ...] = ()
    unit: str = "object"

    def proves(self, value: Value) -> bool:
        """Whether an object is such evidence."""
        return all(condition.holds(value) for condition in self.when)


class Fields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which members describe a credential. `certificate` is one in DER and base64, whose own dates count."""

    key_id: str | None = None
    name: str | None = None
    hint: str | None = None
    starts_at: str | None = None
    expires_at: str | None = None
    certificate: str | None = None
    thumbprint: str | None = None


class Cover(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member of the same object that is a part of a credential, and none by itself: the first that has the same."""

    list: str
    same: str


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row.

    `each` is what makes an entry: a `member` of the array `list` that meets `where`, an `object`, or all objects
    `together`, which are only counted: there the first source counts that was read whole. `preferred` is the member
    of the object that names the thumbprint in use. Of an array that several rows read, the first that fits takes a
    member.
    """

    kind: str
    title: str
    plural: str
    way: Way
    each: Literal["member", "object", "together"]
    sources: tuple[Source, ...]
    what: str
    to_do: str
    without: str
    list: str | None = None
    where: tuple[Condition, ...] = ()
    fields: Fields = Fields()
    covers: tuple[Cover, ...] = ()
    preferred: str | None = None

    @property
    def collections(self) -> tuple[str, ...]:
        """All collections that its sources name."""
        return tuple(name for source in self.sources for name in source.collections)


@cache
def load_kinds() -> tuple[Kind, ...]:
    """Gives the rows that are shipped. Raises MalformedError: they are not what this version understands."""
    return kinds_of((files("recovery.inventory") / "kinds.json").read_bytes())


def kinds_of(unverified: bytes) -> tuple[Kind, ...]:
    """Gives the rows that a file says, having checked that each can be carried out.

    Raises:
        MalformedError: an unknown member, a wrong type, or a row that contradicts itself.
    """
    try:
        kinds = msgspec.json.decode(unverified, type=tuple[Kind, ...], strict=True)
    except msgspec.MsgspecError as error:
        raise MalformedError(f"the table of what Graph never returns is not understood: {error}") from error
    if len({kind.kind for kind in kinds}) != len(kinds):
        raise MalformedError("the table of what Graph never returns names a kind twice")
    for kind in kinds:
        for problem in _problems_of(kind):
            raise MalformedError(f"the table of what Graph never returns, {kind.kind}: {problem}")
    return kinds


def member_of(value: Value, path: str) -> Value:
    """A member, or one of a member's; None where there is none."""
    for name in path.split("/"):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _problems_of(kind: Kind) -> Iterator[str]:
    if (kind.each == "member") != (kind.list is not None):
        yield "a row of members names a list, and no other row does"
    if kind.each != "together" and len(kind.sources) != 1:
        yield "only what is counted has evidence in several places"
    if kind.each == "together" and kind.fields != Fields():
        yield "what is counted has no fields"


def _is_in(value: Value, words: tuple[bool | str | None, ...]) -> bool:
    """Equality of one kind: 1 is not true."""
    return any(type(value) is type(word) and value == word for word in words)
