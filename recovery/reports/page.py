"""The frame of every report: one self-contained HTML file with a masthead, a body and a colophon."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from recovery.reports.markup import EMPTY, Markup, Node, element, joined
from recovery.reports.member import Document, member_error
from recovery.reports.number import instant_text
from recovery.reports.sheet import SHEET

_TITLE_LIMIT = 160  # characters; browsers show fewer
_SHEET_DIGEST = base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_SHEET_DIGEST}'; base-uri 'none'; form-action 'none'"
"""The page may load nothing and run nothing, even if a browser found something to load or run."""


_DIGESTED = "python3 -m json.tool --sort-keys --compact FILE"
_LINE = Markup("\n")  # so that a diff of two reports has lines to show


class Section(NamedTuple):
    """A part of the page with a heading. `anchor` is lower-case letters and hyphens, unique on the page."""

    anchor: str
    heading: str
    body: Markup


class Frame(NamedTuple):
    """What stands around the sections. `made_with` is the command that gives the JSON document."""

    title: str
    kind: str
    opening: Markup
    sections: Sequence[Section]
    document: Document
    made_with: str
    generated_at: str | None
    simulated: bool


def page(frame: Frame) -> str:
    """The whole HTML file. The same frame gives the same bytes in UTF-8."""
    title = ("SIMULATED TENANT: " if frame.simulated else "") + frame.title[:_TITLE_LIMIT]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(SHEET)),
    )
    main = element("main", frame.opening, _contents(frame.sections), *map(_section, frame.sections))
    sheet = element(
        "div",
        _masthead(frame),
        _banner(frame.simulated),
        main,
        _colophon(frame),
        class_="sheet",
    )
    body = element("body", _hatching(), sheet)
    return "<!DOCTYPE html>\n" + element("html", head, _LINE, body, lang="en").html + "\n"


def facts(entries: Sequence[tuple[str, Node]]) -> Markup:
    """A list of named values; an entry whose value is None is left out."""
    rows = (element("div", element("dt", name), element("dd", value)) for name, value in entries if value is not None)
    return element("dl", *rows, class_="facts")


def table(headings: Sequence[tuple[str, str | None]], rows: Sequence[Markup], caption: str | None = None) -> Markup:
    """A table in a box of its own that scrolls sideways when the window is too narrow.

    `headings` are (text, class); an empty text is a column that needs no name to be read.
    """
    cells = (element("th", text, scope="col", class_=class_) for text, class_ in headings)
    inner = element(
        "table",
        element("caption", caption) if caption else None,
        element("thead", element("tr", *cells)),
        element("tbody", *rows),
    )
    return element("div", inner, class_="wide")


def document_digest(document: Document) -> str:
    """SHA-256, in hex, of what `python3 -m json.tool --sort-keys --compact FILE` prints for the document."""
    text = json.dumps(dict(document), sort_keys=True, separators=(",", ":"), default=_number_of) + "\n"
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _number_of(value: object) -> object:
    """An exact number as the one that a JSON parser makes of its digits."""
    if isinstance(value, Decimal):
        return json.loads(str(value))
    raise member_error(f"a value of type {type(value).__name__} has no JSON form")


def _masthead(frame: Frame) -> Markup:
    time = f" · {instant_text(frame.generated_at)}" if frame.generated_at else ""
    return element("header", element("b", "STRONGROOM"), element("span", frame.kind + time), class_="masthead")


def _banner(simulated: bool) -> Markup:
    if not simulated:
        return EMPTY
    words = " Everything below was read from Strongroom's own simulator. It says nothing about any real tenant."
    return element("div", element("b", "SIMULATED TENANT."), words, class_="banner", role="note")


def _contents(sections: Sequence[Section]) -> Markup:
    links = (element("a", section.heading, href=f"#{section.anchor}") for section in sections)
    return element("nav", *links, class_="contents", aria_label="Contents")


def _section(section: Section) -> Markup:
    heading_id = f"{section.anchor}-heading"
    heading = element("h2", section.heading, id=heading_id)
    return joined((_LINE, element("section", heading, section.body, id=section.anchor, aria_labelledby=heading_id)))


def _colophon(frame: Frame) -> Markup:
    made = f" on {instant_text(frame.generated_at)}" if frame.generated_at else ""
    lines: tuple[tuple[Node, ...], ...] = (
        (
            f"Made by Strongroom{made} from one JSON document, the result of ",
            element("code", frame.made_with),
            ", and from nothing else. The document is what counts; this page only shows it.",
        ),
        (
            "SHA-256 of the document as ",
            element("code", _DIGESTED),
            " prints it: ",
            element("span", document_digest(frame.document), class_="digest"),
        ),
        (
            "Boxed codes such as ",
            element("span", "U+202E", class_="code"),
            " stand for characters that can't be seen or that reorder text. ",
            "This page holds no script and loads nothing.",
        ),
    )
    return element("footer", *(element("p", *line) for line in lines), class_="colophon")


def _hatching() -> Markup:
    line = element("line", x1=0, y1=0, x2=0, y2=6, class_="hatch")
    pattern = element(
        "pattern", line, id="hatch", width=5, height=6, patternUnits="userSpaceOnUse", patternTransform="rotate(45)"
    )
    return element("svg", element("defs", pattern), class_="hatching", aria_hidden="true")
