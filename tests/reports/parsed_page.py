"""A page as a strict reader sees it: which elements and attributes stand in it, and the text between them."""

from __future__ import annotations

from html.parser import HTMLParser

ALLOWED_ELEMENTS = frozenset(
    (
        *("html", "head", "meta", "title", "style", "body", "main", "header", "footer", "nav", "section", "article"),
        *("h1", "h2", "h3", "p", "div", "span", "a", "b", "bdi", "small", "code", "del", "ins", "wbr"),
        *("dl", "dt", "dd", "ul", "li", "table", "caption", "thead", "tbody", "tr", "th", "td"),
        *("details", "summary", "figure", "figcaption"),
        *("svg", "defs", "pattern", "desc", "path", "line", "rect", "circle", "polygon", "text"),
    )
)
ALLOWED_ATTRIBUTES = frozenset(
    (
        *(
            "lang",
            "charset",
            "http-equiv",
            "content",
            "name",
            "class",
            "id",
            "href",
            "title",
            "dir",
            "scope",
            "colspan",
        ),
        *("role", "aria-label", "aria-labelledby", "aria-hidden", "viewbox", "preserveaspectratio"),
        *("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "d", "width", "height", "points", "text-anchor"),
        *("patternunits", "patterntransform"),
    )
)
_VOID = frozenset(("meta", "wbr"))


class ParsedPage(HTMLParser):
    """Parses on construction. `problems` says in words what a page must not hold; a good page has none."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.texts: list[str] = []
        self.values: list[str] = []
        self.elements: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        self.problems += [f"{name} is left open" for name in self._open]

    @property
    def text(self) -> str:
        """All text of the page, the style sheet left out."""
        return "".join(self.texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        if tag not in ALLOWED_ELEMENTS:
            self.problems.append(f"element {tag}")
        names = [name for name, _ in attrs]
        self.problems += [f"attribute {name}" for name in names if name not in ALLOWED_ATTRIBUTES]
        if len(set(names)) != len(names):
            self.problems.append(f"{tag} has an attribute twice")
        for name, value in attrs:
            self.values.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.targets.append(value or "")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"{tag} is closed where it is not open")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.problems.append(f"{tag} closes itself")

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"a comment {data[:40]!r}")

    def handle_pi(self, data: str) -> None:
        self.problems.append(f"a processing instruction {data[:40]!r}")

    def unknown_decl(self, data: str) -> None:
        self.problems.append(f"a declaration {data[:40]!r}")
