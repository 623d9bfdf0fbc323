"""The tables of the inventory's page. What the tenant or an operator named is isolated and made visible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from recovery.inventory.unknown_part import ABSENT
from recovery.reports.gap_table import reason_words
from recovery.reports.inventory_document import Inventory, Item, Kept, Unknown
from recovery.reports.inventory_wording import (
    LOOSE_STEP,
    STATE_WORDS,
    days_text,
    found_tallies,
    hidden_text,
    names_of,
    plurals_of,
    present_kinds,
    tally_text,
)
from recovery.reports.markup import Markup, Node, element, joined
from recovery.reports.number import bytes_text, day_text
from recovery.reports.page import table
from recovery.reports.privilege import POWERS_SHOWN
from recovery.reports.value import block_value, camel_value, digest_value, inline_value
from verify.wording import counted

ROWS_SHOWN: Final = 200
"""Rows of one table; an application needs one or two."""
_NAMES_SHOWN = 20
_DETAIL_LIMIT = 240  # characters


def item_table(read: Inventory, items: Sequence[Item], where: str) -> Markup:
    """Entries of one group, in reading order."""
    shown = items[:ROWS_SHOWN]
    kept = any(item.escrowed for item in shown)
    headings = [("Expires", "slim"), ("What, and of which object", None), *([("Escrowed", None)] if kept else [])]
    rows = [_item_row(read, item, kept) for item in shown]
    return joined((table(headings, rows), _rest(len(items), where)))


def other_table(read: Inventory) -> Markup:
    """What is no secret that an operator enters: by kind, with its number."""
    rows = []
    for kind in dict.fromkeys(item.kind for item in read.others):
        items = [item for item in read.others if item.kind == kind]
        names = joined((inline_value(names_of(item)[0]) for item in items[:_NAMES_SHOWN]), ", ")
        more = f" and {counted(len(items) - _NAMES_SHOWN, 'other')}" if len(items) > _NAMES_SHOWN else None
        rows.append(
            _other_row(read, kind, counted(len(items), "object"), element("div", element("small", names, more)))
        )
    for tally in found_tallies(read):
        archived = read.kinds[tally.kind].way == "archived"
        words = element("small", "in this archive: ", camel_value(tally.collection))
        place = element("div", words) if archived else None
        rows.append(_other_row(read, tally.kind, tally_text(tally), place))
    return table((("What", None), ("How many", "slim"), ("To do", None)), rows)


def escrow_table(loose: Sequence[tuple[Kept, str]], where: str) -> Markup:
    """Escrowed files that are for no entry, each with what became of its place."""
    rows = [
        element(
            "tr",
            element("th", element("span", block_value(kept.id), class_="path"), scope="row"),
            element("td", *_kept(kept)),
            element("td", STATE_WORDS[state]),
        )
        for kept, state in loose[:ROWS_SHOWN]
    ]
    headings = (("For", None), ("File", None), ("What became of it", None))
    lead = element("p", "What to do: ", LOOSE_STEP, class_="lead")
    return joined((lead, table(headings, rows), _rest(len(loose), where)))


def unknown_table(read: Inventory, missing: Sequence[tuple[str, tuple[str, ...], str]]) -> Markup:
    """What a gap hides, and what was not asked for."""
    rows = [_unknown_row(read, part) for part in read.unknown[:ROWS_SHOWN]]
    rows += [
        element(
            "tr",
            element("th", element("b", camel_value(collection)), " ", _tag("NOT ARCHIVED"), scope="row"),
            element("td", block_value(why, _DETAIL_LIMIT)),
            element("td", ", ".join(plurals_of(read, kinds))),
        )
        for collection, kinds, why in missing
    ]
    lead = element("p", "Whether there are any of these is not known. None of it is called none.", class_="lead")
    headings = (("Collection", None), ("Why", None), ("What is not known", None))
    return joined((lead, table(headings, rows)))


def to_do_table(read: Inventory) -> Markup:
    """Each kind once: what it is, what to do, and what fails without it."""
    rows = []
    for name in present_kinds(read):
        kind = read.kinds[name]
        about = (
            element("p", inline_value(kind.what, 400)),
            element("p", element("b", "To do: "), inline_value(kind.to_do, 400)),
            element("p", element("b", "Without it: "), inline_value(kind.without, 400)),
        )
        rows.append(
            element("tr", element("th", element("b", inline_value(kind.plural)), scope="row"), element("td", *about))
        )
    return table((("What", None), ("What it is, and what to do", None)), rows)


def _item_row(read: Inventory, item: Item, with_file: bool) -> Markup:
    left = days_text(item)
    class_ = "is-fail" if item.expired else "zero"
    day = day_text(item.expires_at) if item.expires_at else "no date"
    date = element("td", day, element("small", left, class_=class_) if left else None, class_="slim")
    names = joined(map(block_value, names_of(item)), " in ")
    about: list[Node] = [element("b", read.kinds[item.kind].title), " of ", names]
    if item.in_use is not None:
        about += [" ", element("span", "active" if item.in_use else "not active", class_="tag")]
    lines: list[Markup] = [element("div", *about)]
    if item.credential or item.hint:
        hint: tuple[Node, ...] = (" hint ", element("code", inline_value(item.hint))) if item.hint else ()
        lines.append(element("div", inline_value(item.credential) if item.credential else None, *hint))
    if item.powers:
        shown = joined(map(inline_value, item.powers[:POWERS_SHOWN]), ", ")
        rest = len(item.powers) - POWERS_SHOWN
        lines.append(element("div", element("b", "acts with "), shown, f" and {rest} more" if rest > 0 else None))
    lines.append(element("div", block_value(item.place, _DETAIL_LIMIT), class_="path"))
    kept = _kept(item.escrowed) if item.escrowed else [element("span", "no", class_="zero")]
    return element("tr", date, element("td", *lines), element("td", *kept) if with_file else None)


def _other_row(read: Inventory, kind: str, number: str, below: Markup | None) -> Markup:
    row = read.kinds[kind]
    return element(
        "tr",
        element("th", element("b", inline_value(row.plural)), below, scope="row"),
        element("td", inline_value(number), class_="slim"),
        element("td", inline_value(row.to_do, 400)),
    )


def _kept(kept: Kept) -> list[Node]:
    return [
        block_value(kept.file or "(no name)"),
        element("small", f"{bytes_text(kept.sealed_bytes)}, sealed ", inline_value(day_text(kept.sealed_at))),
        element("small", "SHA-256 of the sealed file ", digest_value(kept.sealed_sha256)),
    ]


def _unknown_row(read: Inventory, part: Unknown) -> Markup:
    ids = f"{counted(len(part.ids), 'object')}: " if part.ids else None
    if part.reason == ABSENT:
        why: list[Node] = [ids, "came without ", element("code", inline_value(part.relation))]
    else:
        detail = element("div", block_value(part.detail, _DETAIL_LIMIT)) if part.detail else None
        why = [ids, reason_words(part.reason), detail]
    return element(
        "tr",
        element("th", element("b", camel_value(part.collection)), " ", _tag("UNKNOWN"), scope="row"),
        element("td", *why),
        element("td", hidden_text(read, part)),
    )


def _tag(text: str) -> Markup:
    return element("span", text, class_="tag unknown")


def _rest(number: int, where: str) -> Markup | None:
    if number <= ROWS_SHOWN:
        return None
    rest = counted(number - ROWS_SHOWN, "more is", "more are")
    return element("p", f"{rest} left out here. All of them are in ", inline_value(where), ".")
