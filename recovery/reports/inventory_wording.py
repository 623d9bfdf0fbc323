"""The words of the inventory that its text and its page share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from recovery.inventory.entry import DELETED, ESCROWED, EXPIRED, POWERFUL, VALID
from recovery.inventory.escrow_match import KEY_GONE, MALFORMED, MATCHED, OBJECT, OBJECT_GONE, UNKNOWN
from recovery.inventory.unknown_part import ABSENT
from recovery.reports.inventory_document import Inventory, Item, Tally, Unknown
from verify.wording import counted

GROUP_HEADINGS: Final = {
    POWERFUL: "Not escrowed, of applications with power",
    VALID: "Not escrowed",
    ESCROWED: "Escrowed",
    EXPIRED: "EXPIRED: they open nothing any more",
    DELETED: "Of what lies in the recycle bin: they come back with it, as long as it can be restored",
}
LOOSE_STEP: Final = (
    "what is still in use, escrow again with `strongroom escrow add FILE --for PLACE`, where PLACE is the line below "
    "its entry in this list, COLLECTION/ID/KEYID. No command takes a file out: one whose key or object is gone for "
    "good stays sealed beside the rest, and does no harm."
)
"""What to do about an escrowed file that is for no entry."""
STATE_WORDS: Final = {
    MATCHED: "for an entry of this inventory",
    OBJECT: "for an object as a whole: it names none of its keys",
    KEY_GONE: "the object is there, and has no such key",
    OBJECT_GONE: "the object is not in this snapshot",
    UNKNOWN: "a gap may hide the object, or its collection is not archived",
    MALFORMED: "the record says no place, or holds no file",
}
ORDER: Final = (
    "First what nobody has kept: of applications that hold a directory role or may write through Graph, then all "
    "others; then what is escrowed, what has expired, and what lies in the recycle bin. In each group what expires "
    "first stands first."
)


def names_of(item: Item) -> list[str]:
    """What an entry belongs to, from the inside out: its object, and what contains that."""
    if not item.parent:
        return [item.name or item.id]
    return [*([item.name] if item.name else []), item.parent_name or item.parent[-1]]


def days_text(item: Item) -> str:
    """When it expires, in days: `in 161 days`, `today`, `EXPIRED`; without a date, nothing."""
    if item.expired:
        return "EXPIRED"
    if item.days_left is None:
        return ""
    return f"in {counted(item.days_left, 'day')}" if item.days_left else "today"


def summary_text(read: Inventory) -> str:
    """The numbers in one sentence."""
    counts, total = read.counts, len(read.secrets)
    if not total:
        found = "No secret that somebody would have to enter again was found"
        return f"{found}, in what could be read" if read.unknown else found
    free = counts[POWERFUL] + counts[VALID]
    power = f" ({counts[POWERFUL]:,} of applications with power)" if counts[POWERFUL] else ""
    parts = [f"{free:,} not escrowed{power}", f"{counts[ESCROWED]:,} escrowed"]
    parts += [f"{counts[EXPIRED]:,} EXPIRED"] if counts[EXPIRED] else []
    parts += [f"{counts[DELETED]:,} in the recycle bin"] if counts[DELETED] else []
    return f"{counted(total, 'secret')} to enter again: {', '.join(parts)}"


def kinds_of_secrets(read: Inventory) -> dict[str, int]:
    """How many secrets there are of each kind, the most first."""
    found: dict[str, int] = {}
    for item in read.secrets:
        found[item.kind] = found.get(item.kind, 0) + 1
    return dict(sorted(found.items(), key=lambda entry: (-entry[1], entry[0])))


def found_tallies(read: Inventory) -> list[Tally]:
    """Kinds that are counted and of which there is something, or may be."""
    return [tally for tally in read.together if tally.number or not tally.complete]


def present_kinds(read: Inventory) -> list[str]:
    """The kinds that have an entry or a number, in the order of the document."""
    present = {item.kind for item in read.entries} | {tally.kind for tally in found_tallies(read)}
    return [name for name in read.kinds if name in present]


def called(read: Inventory, kind: str, number: int) -> str:
    """What so many of a kind are called."""
    return read.kinds[kind].title if number == 1 else read.kinds[kind].plural


def tally_text(tally: Tally) -> str:
    """`1,203 users`, or `at least 3 users` where a gap may hide more."""
    return f"{'' if tally.complete else 'at least '}{counted(tally.number, tally.unit)}"


def reason_text(part: Unknown) -> str:
    """Why something is not known."""
    if part.reason == ABSENT:
        return f"{counted(len(part.ids), 'object')} came without {part.relation}"
    what = f"{counted(len(part.ids), 'object')} could not be read" if part.ids else "not read, or not wholly"
    return f"{what} ({part.reason}{f': {part.detail}' if part.detail else ''})"


def hidden_text(read: Inventory, part: Unknown) -> str:
    """What is not known because of it."""
    hidden = plurals_of(read, part.kinds)
    return ", ".join([*hidden, *(["which applications hold power"] if part.hides_power else [])])


def plurals_of(read: Inventory, kinds: Sequence[str]) -> list[str]:
    """The kinds as people call them."""
    return [read.kinds[name].plural for name in kinds]
