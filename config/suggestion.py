"""The known setting that an unknown name is closest to."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from config.outline import ANY_INDEX, is_index, outline_of

MIN_LIKENESS = 0.6  # difflib's own default; below it, suggestions are noise


def dotted(path: tuple[str, ...]) -> str:
    """A path as it is written for people: archive.state_dir, stores.0.url."""
    return ".".join(path)


def suggestion_for(path: tuple[str, ...], written: Callable[[tuple[str, ...]], str] = dotted) -> str:
    """` Did you mean X?`, or nothing. A sibling with a like name first, then the same name elsewhere."""
    unknown = tuple(ANY_INDEX if is_index(part) else part for part in path)
    known = [setting.path for setting in outline_of()]
    siblings = {other[-1]: other for other in known if other[:-1] == unknown[:-1] and other[-1] != ANY_INDEX}
    siblings |= {other[-2]: other[:-1] for other in known if other[:-2] == unknown[:-1] and other[-1] == ANY_INDEX}
    elsewhere = {other[-1]: other for other in known if other[-1] == unknown[-1]}
    # Behind a known section, what is like the whole path is like that section alone, and says nothing of the name.
    far = [other for other in known if unknown[: len(other)] != other and unknown[:-1] not in known]
    everywhere = {".".join(other): other for other in far}
    for candidates, name in (
        (siblings, unknown[-1]),
        (elsewhere, unknown[-1]),
        (everywhere, ".".join(unknown)),
    ):
        close = difflib.get_close_matches(name, candidates, n=1, cutoff=MIN_LIKENESS)
        if close:
            return f" Did you mean {written(candidates[close[0]])}?"
    return ""
