"""A value that somebody else wrote, as a reader may safely see it.

Display names are chosen by whoever can create an object, an attacker included. What can't be seen, or would
reorder or overprint its neighbours, is shown as a small boxed code; a long text is cut, with the whole behind
a disclosure.
"""

from __future__ import annotations

import re
from itertools import islice

from recovery.reports.markup import INVISIBLE, Markup, element, joined
from verify.wording import counted

NAME_LIMIT = 120
"""Characters of a name that are shown at once; the longest display name in Graph has 256."""
FULL_LIMIT = 20_000
"""Characters of one value that go onto the page at all; beyond it the JSON document has the rest."""
FULL_CODES = 500
"""Boxed codes in one value; each takes some eighty bytes of the page, and nobody reads more."""
_CAMEL = re.compile(r"[A-Za-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONG_WORD = re.compile(r"\S{37}")  # longer than a GUID: it may break anywhere, so that it can't widen the page
_MARKS_LIMIT = 3  # combining marks on one letter; no living orthography needs more

_NAMES = {
    0x00: "null", 0x09: "tab", 0x0A: "line feed", 0x0D: "carriage return", 0x1B: "escape", 0x7F: "delete",
    0xA0: "no-break space", 0xAD: "soft hyphen", 0x200B: "zero width space", 0x200C: "zero width non-joiner",
    0x200D: "zero width joiner", 0x200E: "left-to-right mark", 0x200F: "right-to-left mark",
    0x202A: "left-to-right embedding", 0x202B: "right-to-left embedding", 0x202C: "pop directional formatting",
    0x202D: "left-to-right override", 0x202E: "right-to-left override", 0x2066: "left-to-right isolate",
    0x2067: "right-to-left isolate", 0x2068: "first strong isolate", 0x2069: "pop directional isolate",
    0x3000: "ideographic space", 0xFEFF: "byte order mark",
}  # fmt: skip
_SPECIAL = re.compile(
    f"(?P<code>{INVISIBLE.pattern})|(?P<marks>[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
    f"{{{_MARKS_LIMIT + 1},}})"
)


def text_markup(text: str) -> Markup:
    """The whole text, with every invisible code point as a boxed code and stacked combining marks cut."""
    parts: list[Markup | str] = []
    done = 0
    for found in _SPECIAL.finditer(text):
        parts.append(text[done : found.start()])
        if found["code"]:
            parts.append(_code_box(ord(found["code"])))
        else:
            marks = found["marks"]
            more = counted(len(marks) - _MARKS_LIMIT, "mark")
            parts += [marks[:_MARKS_LIMIT], _box(f"+{more}", "stacked combining marks")]
        done = found.end()
    parts.append(text[done:])
    return joined(parts)


def inline_value(text: str, limit: int = NAME_LIMIT) -> Markup:
    """The value on one line, isolated from the direction of its surroundings, cut at `limit` characters."""
    shown = text[:limit]
    class_ = "breakable" if _LONG_WORD.search(shown) else None
    return element("bdi", text_markup(shown), _ellipsis() if len(text) > limit else None, class_=class_)


def camel_value(text: str) -> Markup:
    """A name in camel case (a collection, say): like `inline_value`, with a chance to break before each capital."""
    if len(text) > NAME_LIMIT or not _CAMEL.fullmatch(text):
        return inline_value(text)
    return element("bdi", joined(_HUMP.split(text), element("wbr")))


def block_value(text: str, limit: int = NAME_LIMIT) -> Markup:
    """The value where a block may stand (a cell, say): cut like `inline_value`, the whole behind a disclosure."""
    if len(text) <= limit:
        return inline_value(text, limit)
    size = counted(len(text), "character")
    return element(
        "details",
        element("summary", inline_value(text, limit), " ", element("small", size)),
        full_value(text),
        class_="long",
    )


def full_value(text: str) -> Markup:
    """The value as a block, up to `FULL_LIMIT` characters or `FULL_CODES` boxed codes, and what is left out."""
    codes = islice(_SPECIAL.finditer(text), FULL_CODES, FULL_CODES + 1)
    shown = min([FULL_LIMIT, *(found.start() for found in codes)])
    rest = len(text) - shown
    note = f" {counted(rest, 'more character is', 'more characters are')} in the JSON document."
    return element(
        "div", element("bdi", text_markup(text[:shown])), element("small", note) if rest > 0 else None, class_="full"
    )


def digest_value(text: str) -> Markup | None:
    """A digest, or another word of fixed width; None if there is none."""
    return element("span", block_value(text), class_="digest") if text else None


def _ellipsis() -> Markup:
    return element("span", "…", class_="cut")


def _code_box(code: int) -> Markup:
    number = f"U+{code:04X}"
    return _box(number, f"{number} {_NAMES.get(code, 'invisible character')}")


def _box(label: str, title: str) -> Markup:
    return element("span", label, class_="code", title=title)
