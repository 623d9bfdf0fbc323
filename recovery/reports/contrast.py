"""Two JSON values side by side, with what differs marked and long equal stretches folded away.

The comparison follows the structure: members of objects by name, elements of arrays as a multiset once their
common ends are taken off, strings by their common ends at word boundaries. It is linear in the size of the
values, so that a hostile value can't make the page slow.
"""

from __future__ import annotations

import json
import re
import string
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from recovery.reports.markup import Markup, element, joined
from recovery.reports.value import block_value, full_value, inline_value, text_markup
from verify.wording import counted

DIFFERENT_LIMIT = 600
"""Characters of differing text that one cell shows at once."""
_SAME_LIMIT = 120  # characters of an equal stretch that stay unfolded
_SAME_ENDS = 40  # characters of a folded stretch that stay at each end
_SAME_RUN = 3  # equal neighbours in an array or object that stay unfolded
_SNAP = 16  # characters that a mark may grow to reach a word boundary
_WORD_CHARACTERS = string.ascii_letters + string.digits
_WORD = re.compile(r"[0-9A-Za-z]")


class _Kind(Enum):
    SAME = "same"
    DIFFERENT = "different"
    NOTE = "note"


class _Piece(NamedTuple):
    kind: _Kind
    text: str


def contrast_of(before: object, after: object, *, marked: bool = True) -> tuple[Markup, Markup]:
    """The two values as markup: compact JSON, what differs in `del` and `ins`.

    `marked` is False where only one side is shown and marking all of it would say nothing.
    """
    return _side(before, after, "del" if marked else "span"), _side(after, before, "ins" if marked else "span")


def words_contrast(text: str, different: Collection[str], mark: str) -> Markup:
    """A set of words in one string, those that the other side lacks marked; `mark` is `del` or `ins`.

    Of more than DIFFERENT_LIMIT characters in all, only those that the other side lacks, and the whole folded away.
    """
    if len(text) > DIFFERENT_LIMIT:
        excerpt = element(mark, inline_value(" ".join(different), DIFFERENT_LIMIT)) if different else None
        return joined((excerpt, " ", block_value(text)))
    return element("span", joined((_word(word, different, mark) for word in text.split()), " "), dir="ltr")


def _word(word: str, different: Collection[str], mark: str) -> Markup:
    return element(mark, text_markup(word)) if word in different else text_markup(word)


def compact(value: object) -> str:
    """A JSON value on one line: members sorted, numbers exact (a Decimal as the digits that it has)."""
    if isinstance(value, Mapping):
        members = (f"{compact(name)}:{compact(value[name])}" for name in sorted(value))
        return f"{{{','.join(members)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(compact, value))}]"
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _side(value: object, other: object, mark: str) -> Markup:
    if value is None:
        return element("span", "null or absent", class_="absent")
    pieces: list[_Piece] = []
    _walk(value, other, pieces)
    shown, folded = _bounded(pieces)
    excerpt = element("span", *(_markup_of(piece, mark) for piece in shown), dir="ltr")
    if not folded:
        return excerpt
    text = compact(value)
    label = element("summary", f"the whole value, {counted(len(text), 'character')}")
    return joined((excerpt, element("details", label, full_value(text), class_="long")))


def _markup_of(piece: _Piece, mark: str) -> Markup:
    if piece.kind is _Kind.NOTE:
        return element("small", f" … {piece.text} … ")
    text = text_markup(piece.text)
    return element(mark, text) if piece.kind is _Kind.DIFFERENT else text


def _bounded(pieces: list[_Piece]) -> tuple[list[_Piece], bool]:
    """The pieces up to the limit of differing text, and whether anything was folded or left out."""
    shown: list[_Piece] = []
    room = DIFFERENT_LIMIT
    for at, piece in enumerate(pieces):
        if piece.kind is _Kind.DIFFERENT:
            shown.append(_Piece(piece.kind, piece.text[:room]))
            room -= len(piece.text)
        else:
            shown.append(piece)
        if room < 0 or len(shown) > DIFFERENT_LIMIT:
            rest = max(-room, 0) + sum(len(later.text) for later in pieces[at + 1 :])
            if rest:
                shown.append(_Piece(_Kind.NOTE, counted(rest, "more character")))
            break
    return shown, any(piece.kind is _Kind.NOTE for piece in shown)


def _walk(value: object, other: object, out: list[_Piece]) -> None:
    text, other_text = compact(value), compact(other)
    if text == other_text:
        _same(text, out)
    elif isinstance(value, dict) and isinstance(other, dict):
        _walk_members(value, other, out)
    elif isinstance(value, list) and isinstance(other, list):
        _walk_elements(value, other, out)
    elif isinstance(value, str) and isinstance(other, str):
        _walk_text(text, other_text, out)
    else:
        out.append(_Piece(_Kind.DIFFERENT, text))


def _walk_members(value: dict[str, object], other: dict[str, object], out: list[_Piece]) -> None:
    names = sorted(value)
    same = [name in other and compact(value[name]) == compact(other[name]) for name in names]
    out.append(_Piece(_Kind.SAME, "{"))
    _walk_runs(same, "members", out, lambda at: _member(names[at], value, other, out))
    out.append(_Piece(_Kind.SAME, "}"))


def _member(name: str, value: dict[str, object], other: dict[str, object], out: list[_Piece]) -> None:
    if name not in other:
        out.append(_Piece(_Kind.DIFFERENT, f"{compact(name)}:{compact(value[name])}"))
        return
    out.append(_Piece(_Kind.SAME, f"{compact(name)}:"))
    _walk(value[name], other[name], out)


def _walk_elements(value: list[object], other: list[object], out: list[_Piece]) -> None:
    texts, others = [compact(item) for item in value], [compact(item) for item in other]
    start, end = _common_ends(texts, others)
    middle = others[start : len(others) - end]
    pairwise = len(texts) == len(others)
    left = Counter(middle)
    same = []
    for at, text in enumerate(texts):
        inner = start <= at < len(texts) - end
        found = not inner or left[text] > 0
        if inner and found:
            left[text] -= 1
        same.append(found)

    def put(at: int) -> None:
        if same[at]:
            _same(texts[at], out)
        elif pairwise:
            _walk(value[at], other[at], out)
        else:
            out.append(_Piece(_Kind.DIFFERENT, texts[at]))

    out.append(_Piece(_Kind.SAME, "["))
    _walk_runs(same, "elements", out, put)
    out.append(_Piece(_Kind.SAME, "]"))


def _walk_runs(same: Sequence[bool], what: str, out: list[_Piece], put: Callable[[int], None]) -> None:
    """Puts every item, by its place, with a comma before all but the first; long runs of equal ones are folded."""
    for first, last in _runs(same):
        _separate(first, out)
        if same[first] and last - first > _SAME_RUN:
            out.append(_Piece(_Kind.NOTE, f"{last - first} equal {what}"))
            continue
        for at in range(first, last):
            _separate(at - first, out)
            put(at)


def _walk_text(text: str, other: str, out: list[_Piece]) -> None:
    """Marks what lies between the common ends of two JSON strings, grown to whole words where it cuts one."""
    start, end = _common_ends(text, other)
    stop, other_stop = len(text) - end, len(other) - end
    if _WORD.match(text, start) or _WORD.match(other, start):
        start = _word_start(text, start)
    if _WORD.match(text, stop - 1) or _WORD.match(other, other_stop - 1):
        stop = _word_end(text, stop)
    _same(text[:start], out)
    if start < stop:
        out.append(_Piece(_Kind.DIFFERENT, text[start:stop]))
    _same(text[stop:], out)


def _word_start(text: str, at: int) -> int:
    """Where the word that reaches up to `at` begins; `at` itself if the word is long."""
    near = text[max(at - _SNAP, 0) : at]
    word = len(near) - len(near.rstrip(_WORD_CHARACTERS))
    return at - word if word < len(near) else at


def _word_end(text: str, at: int) -> int:
    """Where the word that goes on at `at` ends; `at` itself if the word is long."""
    near = text[at : at + _SNAP]
    word = len(near) - len(near.lstrip(_WORD_CHARACTERS))
    return at + word if word < len(near) else at


def _same(text: str, out: list[_Piece]) -> None:
    """An equal stretch, its middle folded away if it is long."""
    if len(text) <= _SAME_LIMIT:
        out.append(_Piece(_Kind.SAME, text))
        return
    out.append(_Piece(_Kind.SAME, text[:_SAME_ENDS]))
    out.append(_Piece(_Kind.NOTE, counted(len(text) - 2 * _SAME_ENDS, "equal character")))
    out.append(_Piece(_Kind.SAME, text[-_SAME_ENDS:]))


def _separate(at: int, out: list[_Piece]) -> None:
    if at:
        out.append(_Piece(_Kind.SAME, ","))


def _common_ends(left: Sequence[object], right: Sequence[object]) -> tuple[int, int]:
    """How many items are equal at the start and, not counting those, at the end."""
    shorter = min(len(left), len(right))
    start = next((at for at in range(shorter) if left[at] != right[at]), shorter)
    room = shorter - start
    end = next((at for at in range(room) if left[-1 - at] != right[-1 - at]), room)
    return start, end


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """(first, one past the last) of each stretch of equal flags."""
    first = 0
    for at in range(1, len(flags) + 1):
        if at == len(flags) or flags[at] != flags[first]:
            yield first, at
            first = at
