"""What came on several pages of one list: a page that comes in the place of another one hides what that one held."""

from __future__ import annotations

from typing import NamedTuple

MAX_REPEATED_OBJECTS = 5
"""Objects of a list that may come on two of its pages, because they moved while it was read."""
MAX_REPEATED_SHARE = 0.01
"""The same for large lists, as a share of what came."""
PAGES_REPEATED = "pages came twice, read again too, and what belongs in their place is missing"


class Repetition(NamedTuple):
    """`came`: objects, each once for each page that it was on; `distinct` of them. `barren`: a page brought none that
    is new, and more than may move.
    """

    came: int
    distinct: int
    barren: bool

    @property
    def hides_some(self) -> bool:
        """Whether more came twice than moves while a list is read."""
        repeated = self.came - self.distinct
        return self.barren or repeated > max(MAX_REPEATED_OBJECTS, MAX_REPEATED_SHARE * self.came)
