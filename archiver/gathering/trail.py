"""The next links that a list is followed along: they lead on, and to an end."""

from __future__ import annotations

from archiver.graph.errors import MalformedPageError

MAX_PAGES = 1_000_000
"""Pages of one list; at Graph's least page size of one object still a tenant of a million."""
MAX_EMPTY_PAGES = 10_000
"""Pages in a row that hold nothing: Graph sends some, and a fault that sends them for ever has an end."""


class Trail:
    """Begins at the first page's address."""

    def __init__(self, start: str) -> None:
        self._seen = {start}
        self._empty = 0

    def next(self, link: str | None, *, is_empty: bool) -> str | None:
        """Gives the next link of a page on, or None at the end; `is_empty`: the page held nothing.

        Raises:
            MalformedPageError: it leads back, or pages lead from one empty one to the next.
        """
        self._empty = self._empty + 1 if is_empty else 0
        if link is None:
            return None
        if link in self._seen or len(self._seen) >= MAX_PAGES:
            raise MalformedPageError("next links lead in a circle")
        if self._empty == MAX_EMPTY_PAGES:
            raise MalformedPageError("next links lead from one empty page to the next")
        self._seen.add(link)
        return link
