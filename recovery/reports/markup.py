"""HTML and SVG built from values, so that a value can't become markup.

A `str` is text, whoever wrote it, and is escaped where it enters an element; only `Markup` goes through
as it is, and only `element` and `joined` make one from values. Element and attribute names come from
closed sets: a page can't hold a script, a link to another document or an event handler, whatever the data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_HTML_WORDS = """
a article b bdi body caption code dd del details div dl dt figcaption figure footer h1 h2 h3 head header html ins li
main meta nav p section small span style summary table tbody td th thead title tr ul wbr
"""
_SVG_WORDS = "circle defs desc line path pattern polygon rect svg text"
_ATTRIBUTE_WORDS = """
aria-hidden aria-label aria-labelledby charset class colspan content cx cy d dir height href http-equiv id lang name
patternTransform patternUnits points preserveAspectRatio r role scope text-anchor title viewBox width x x1 x2 y y1 y2
"""
ELEMENTS = frozenset(f"{_HTML_WORDS} {_SVG_WORDS}".split())
"""Every element that a page may hold: nothing that runs, loads or sends."""
_VOID_ELEMENTS = frozenset({"meta", "wbr"})
ATTRIBUTES = frozenset(_ATTRIBUTE_WORDS.split())
"""Every attribute: no event handler, no style, no address but `href`, which stays on the page."""

INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
    r"\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Code points that a reader can't see or that change how others are shown: controls (C0, C1, ESC among them),
bidirectional controls, every space but U+0020, lone surrogates, non-characters and what Unicode calls
default-ignorable. Written out, and not asked of `unicodedata`, so that every Python gives the same bytes."""

_ANCHOR = re.compile(r"#[a-z0-9-]+\Z")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "`": "&#96;"})


@dataclass(frozen=True, slots=True)
class Markup:
    """HTML that is already right: `html` goes onto the page unchanged."""

    html: str


Node = Markup | str | None
"""What an element may hold: markup, text, or nothing."""

EMPTY = Markup("")


def escaped(text: str) -> str:
    """The text with markup escaped and every invisible code point written out as its number."""
    return INVISIBLE.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text).translate(_ESCAPES)


def element(name: str, /, *children: Node, **attributes: str | int | None) -> Markup:
    """One element. An attribute that is None is left out; `class_` is class and `text_anchor` is text-anchor.

    Raises:
        ValueError: an element or attribute outside the closed sets, or a link that leaves the page.
    """
    if name not in ELEMENTS:
        raise ValueError(f"no page may hold the element {name!r}")
    words = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        if attribute not in ATTRIBUTES:
            raise ValueError(f"no page may hold the attribute {attribute!r}")
        if attribute == "href" and not _ANCHOR.match(str(value)):
            raise ValueError(f"a page links to itself only, not to {value!r}")
        words.append(f'{attribute}="{escaped(str(value))}"')
    opening = f"<{' '.join(words)}>"
    if name in _VOID_ELEMENTS:
        return Markup(opening)
    return Markup(f"{opening}{joined(children).html}</{name}>")


def joined(nodes: Iterable[Node], separator: Markup | str = "") -> Markup:
    """The nodes one after the other, text escaped, with the separator between them."""
    parts = (node.html if isinstance(node, Markup) else escaped(node) for node in nodes if node is not None)
    between = separator.html if isinstance(separator, Markup) else escaped(separator)
    return Markup(between.join(parts))
