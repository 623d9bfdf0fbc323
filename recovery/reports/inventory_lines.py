"""The inventory as text of at most LINE_CHARACTERS columns; what is many is cut and counted, and JSON has all of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from recovery.inventory.entry import GROUPS, NO_SECRET
from recovery.inventory.escrow_match import MATCHED
from recovery.reports.inventory_document import Inventory, Item, inventory_document_of
from recovery.reports.inventory_wording import (
    GROUP_HEADINGS,
    LOOSE_STEP,
    STATE_WORDS,
    called,
    days_text,
    found_tallies,
    hidden_text,
    kinds_of_secrets,
    names_of,
    plurals_of,
    present_kinds,
    reason_text,
    summary_text,
    tally_text,
)
from recovery.reports.member import Document
from recovery.reports.number import day_text, instant_text
from verify.visible import visible
from verify.wording import counted

LINE_CHARACTERS: Final = 100
MAX_ENTRIES_SHOWN: Final = 50
"""Entries of one group that the text lists; --json and --out have them all."""
_NAME_CHARACTERS = 40
PLACE_CHARACTERS: Final = 160
"""Wider than a line, so that what is typed after --for is never cut: two GUIDs and the longest collection need 106."""
_PROSE_CHARACTERS = 600
"""Of one gap, with Graph's words about it."""
_DIGEST_DIGITS = 16
_POWERS_SHOWN = 3


def inventory_lines(document: Document) -> Iterator[str]:
    """The text of `strongroom inventory`, every character of it visible.

    Raises:
        MalformedError: the document is not one of COMMANDS.md section 4.
    """
    for line in _lines(inventory_document_of(document)):
        yield _cut(visible(line), PLACE_CHARACTERS)


def _lines(read: Inventory) -> Iterator[str]:
    yield from _opening(read)
    for group in GROUPS:
        if group != NO_SECRET:
            yield from _group(read, group)
    yield from _others(read)
    yield from _escrow(read)
    yield from _unknown(read)
    yield from _to_do(read)
    if read.expires_within is None:
        yield from ("", "No record proves or denies")
        for what, to_do in read.unprovable:
            yield from _wrapped(f"{what}: {to_do}")


def _opening(read: Inventory) -> Iterator[str]:
    yield f"What Graph never returns, and snapshot {read.sequence} ({instant_text(read.taken_at)}) proves to exist"
    yield f"  archive   {read.archive_id}"
    yield f"  tenant    {read.tenant}{' (SIMULATED)' if read.simulated else ''}"
    yield f"  manifest  sha256:{read.manifest_sha256}"
    yield f"  days are counted from {instant_text(read.made_at)}, this machine's clock"
    if read.collections:
        yield from _wrapped(f"only {', '.join(read.collections)}")
    if read.expires_within is not None:
        yield f"  only what expires within {counted(read.expires_within, 'day')}, or has expired"
    yield ""
    yield from textwrap.wrap(summary_text(read), LINE_CHARACTERS)
    for kind, number in kinds_of_secrets(read).items():
        yield f"  {number:>7,}  {called(read, kind, number)}"


def _group(read: Inventory, group: str) -> Iterator[str]:
    items = [item for item in read.entries if item.group == group]
    if not items:
        return
    yield ""
    yield f"{GROUP_HEADINGS[group]}: {len(items):,}"
    for item in items[:MAX_ENTRIES_SHOWN]:
        yield from _item(read, item)
    if (rest := len(items) - MAX_ENTRIES_SHOWN) > 0:
        yield f"  and {rest:,} more; --json and --out have all of them"


def _item(read: Inventory, item: Item) -> Iterator[str]:
    date = day_text(item.expires_at) if item.expires_at else "no date"
    names = " in ".join(_quoted(name) for name in names_of(item))
    yield _line(f"  {date:10}  {days_text(item):13}  {read.kinds[item.kind].title} of {names}")
    yield f"    {item.place}"
    about = [_quoted(item.credential)] if item.credential else []
    about += [f"hint {_quoted(item.hint)}"] if item.hint else []
    about += [{True: "the active one", False: "not the active one"}[item.in_use]] if item.in_use is not None else []
    if item.powers:
        more = f" and {len(item.powers) - _POWERS_SHOWN} more" if len(item.powers) > _POWERS_SHOWN else ""
        about.append(f"acts with {', '.join(item.powers[:_POWERS_SHOWN])}{more}")
    if about:
        yield _line(f"    {'; '.join(about)}")
    if kept := item.escrowed:
        size, day = counted(kept.sealed_bytes, "byte"), day_text(kept.sealed_at)
        digest = f"sha256 {kept.sealed_sha256[:_DIGEST_DIGITS]}…"
        yield _line(f"    escrowed: {_quoted(kept.file)}, {size} sealed {day}, {digest}")


def _others(read: Inventory) -> Iterator[str]:
    tallies, others = found_tallies(read), read.others
    if not tallies and not others:
        return
    yield ""
    yield "Made anew by whoever has it, kept by somebody else, or archived"
    for kind in dict.fromkeys(item.kind for item in others):
        items = [item for item in others if item.kind == kind]
        names = ", ".join(_quoted(names_of(item)[0]) for item in items[:MAX_ENTRIES_SHOWN])
        what = called(read, kind, len(items))
        yield _line(f"  {counted(len(items), 'object'):>24}  {what}: {names}")
    for tally in tallies:
        where = f" (in {tally.collection} of this archive)" if read.kinds[tally.kind].way == "archived" else ""
        yield _line(f"  {tally_text(tally):>24}  {read.kinds[tally.kind].plural}{where}")


def _escrow(read: Inventory) -> Iterator[str]:
    loose = [(kept, state) for kept, state in read.escrow if state != MATCHED]
    if not loose:
        return
    yield ""
    yield f"Escrowed files that are for no entry: {len(loose):,}"
    for kept, state in loose[:MAX_ENTRIES_SHOWN]:
        yield f"  {kept.id}"
        about = f"    {_quoted(kept.file)}, sealed {day_text(kept.sealed_at)}: {STATE_WORDS[state]}"
        yield _line(about)
    if (rest := len(loose) - MAX_ENTRIES_SHOWN) > 0:
        yield f"  and {rest:,} more; --json and --out have all of them"
    yield from _wrapped(f"next: {LOOSE_STEP}")


def _unknown(read: Inventory) -> Iterator[str]:
    if read.unknown:
        yield ""
        yield "UNKNOWN: what could not be read is not called none"
        for part in read.unknown:
            yield from _wrapped(f"{part.collection}: {reason_text(part)}: {hidden_text(read, part)}")
    if read.missing and read.expires_within is None:
        yield ""
        yield "NOT ARCHIVED: not asked for, so that nothing is known of them"
        for collection, kinds, why in read.missing:
            yield from _wrapped(f"{collection}: {', '.join(plurals_of(read, kinds))} ({why})")


def _to_do(read: Inventory) -> Iterator[str]:
    present = present_kinds(read)
    if present:
        yield ""
        yield "What to do"
    for name in present:
        kind = read.kinds[name]
        yield f"  {kind.plural}"
        for words in (kind.what, f"To do: {kind.to_do}", f"Without: {kind.without}"):
            yield from _wrapped(words, "    ")


def _wrapped(text: str, indent: str = "  ") -> Iterator[str]:
    words = _cut(visible(text), _PROSE_CHARACTERS)
    yield from textwrap.wrap(words, LINE_CHARACTERS, initial_indent=indent, subsequent_indent=f"{indent}  ")


def _line(text: str) -> str:
    """One line that fits; cut after what can't be seen was written out, which makes it longer."""
    return _cut(visible(text), LINE_CHARACTERS)


def _quoted(text: str) -> str:
    return repr(_cut(text, _NAME_CHARACTERS))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
