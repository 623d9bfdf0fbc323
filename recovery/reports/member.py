"""Members of a JSON document, read with their types: what a page is made from is checked before it is shown."""

from __future__ import annotations

from collections.abc import Mapping

from verify.errors import MalformedError
from verify.gap import Gap

Document = Mapping[str, object]
_NEXT_STEP = "Make the JSON document again with the same release of Strongroom, and then the page from it."


def member_error(what: str) -> MalformedError:
    """The error for a document that COMMANDS.md section 4 does not describe."""
    return MalformedError(f"no report can be made from this document: {what}", next_step=_NEXT_STEP)


def text_member(document: Document, name: str) -> str:
    """A member that is a string; a missing or null one is the empty string.

    Raises:
        MalformedError: it is something else.
    """
    value = document.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise member_error(f"{name!r} is not a string")
    return value


def word_member(document: Document, name: str, allowed: frozenset[str]) -> str:
    """A member that is one of the allowed words.

    Raises:
        MalformedError: it is missing or another word. A word that nobody knows is never shown as a good one.
    """
    value = text_member(document, name)
    if value not in allowed:
        raise member_error(f"{name!r} is {value[:40]!r} and not one of {', '.join(sorted(allowed))}")
    return value


def number_member(document: Document, name: str) -> int:
    """A member that is a whole number and not negative.

    Raises:
        MalformedError: it is missing or something else.
    """
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise member_error(f"{name!r} is not a whole number")
    return value


def flag_member(document: Document, name: str, *, default: bool = False) -> bool:
    """A member that is true or false; a missing one is `default`.

    Raises:
        MalformedError: it is something else.
    """
    value = document.get(name, default)
    if not isinstance(value, bool):
        raise member_error(f"{name!r} is neither true nor false")
    return value


def texts_member(document: Document, name: str) -> tuple[str, ...]:
    """A member that is an array of strings; a missing or null one is empty.

    Raises:
        MalformedError: it is something else.
    """
    value = document.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise member_error(f"{name!r} is not an array of strings")
    return tuple(value)


def documents_member(document: Document, name: str) -> list[Document]:
    """A member that is an array of objects; a missing or null one is empty.

    Raises:
        MalformedError: it is something else.
    """
    value = document.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise member_error(f"{name!r} is not an array")
    return [document_of(item, name) for item in value]


def document_of(value: object, name: str) -> Document:
    """The value as a JSON object.

    Raises:
        MalformedError: it is something else.
    """
    if not isinstance(value, Mapping):
        raise member_error(f"{name!r} holds something that is not an object")
    return value


def gap_of(document: Document) -> Gap:
    """A gap from its JSON form.

    Raises:
        MalformedError: a member is of the wrong type.
    """
    return Gap(
        text_member(document, "collection"),
        text_member(document, "relation") or None,
        text_member(document, "id") or None,
        text_member(document, "reason"),
        text_member(document, "detail"),
    )
