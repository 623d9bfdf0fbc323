"""Shows what differs between two snapshots, A (before) and B (after): by object, attribute and link.

Each entry names the action that would put it back. What a gap hides is listed as unknown.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from archiver.graph.suggestion import suggestion_for
from recovery.attribute import AttributeChange, Value, has_member
from recovery.difference import Difference, compare
from recovery.errors import UnknownObjectError
from recovery.exact_json import exact_json_of
from recovery.kind_of_object import SHOWN_WHOLE
from recovery.named_id import named_ids_of
from recovery.object_change import ADDED, REMOVED, ObjectChange
from recovery.occurrence import gap_over, unknown_ids_of
from recovery.power import BY_COLLECTION
from recovery.reports.difference_page import difference_page
from recovery.reports.privilege import power_sentence
from recovery.show_command import show_command_of
from recovery.way_back import SET_BY_MICROSOFT, is_set_by_microsoft, remarks_on
from recovery.word_set import word_changes_of
from strongroom.archive_opening import opening_of
from strongroom.clock import now
from strongroom.console import Console
from strongroom.option import add_archive_options
from strongroom.report_file import require_place, require_two_places, write_report
from verify.errors import UsageError
from verify.gap import Gap
from verify.snapshot import VerifiedSnapshot
from verify.strict_json import text_of_time
from verify.wording import counted

MAX_OBJECTS_SHOWN = 200
"""Objects that the text lists one by one; --json, --out and --html have them all."""
MAX_VALUE_CHARACTERS = 100
"""Characters of a value or a name that the text shows; --json, --out and --html have all of them."""
MAX_CAUSES = 3
"""Removed objects that the text names as what a change follows from."""

MAX_NAMED_IDS = 10
"""Ids in one value whose names the text shows; --json, --out and --html have more."""

_ABSENT = "(absent)"
_NAME_WIDTH = 32
"""Of the column of collections: most names are shorter."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds A, B, the filters, the files and the archive's options."""
    add_archive_options(parser, snapshot=None)
    parser.add_argument("before", metavar="A", help="snapshot before")
    parser.add_argument("after", metavar="B", help="snapshot after")
    parser.add_argument("--collection", metavar="C", action="append", default=[], help="only this collection")
    parser.add_argument("--id", metavar="ID", action="append", default=[], help="only this object")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a report for people")
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the JSON document")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Compares and shows."""
    _require_files(arguments.out, arguments.html)
    opening = opening_of(arguments, console)
    opening.occupied.require_free(arguments.out, arguments.html)
    archive = opening.archive()
    before = opening.snapshot(archive, arguments.before)
    after = opening.snapshot(archive, arguments.after)
    _require_collections((before, after), arguments.collection)
    ids = [_written_id(word, (before, after), arguments.collection) for word in arguments.id]
    difference = compare(before, after, collections=arguments.collection, ids=ids)
    _require_objects(difference, ids, arguments.collection)
    made_at = now()
    document = difference.document(made_at)
    if arguments.out is not None:
        written = write_report(arguments.out, exact_json_of(document) + "\n")
        console.say(f"the difference as JSON is in {written}")
    if arguments.html is not None:
        json_name = arguments.out.name if arguments.out is not None else None
        page = difference_page(document, generated_at=text_of_time(made_at), json_name=json_name)
        console.say(f"the difference as a page is in {write_report(arguments.html, page)}")
    console.show(document, _lines(difference, document, arguments))
    return 0


def _require_files(out: Path | None, html: Path | None) -> None:
    """Raises TargetFolderError, UsageError."""
    for file in (out, html):
        if file is not None:
            require_place(file)
    require_two_places(("--out", out), ("--html", html))


def _require_collections(snapshots: Sequence[VerifiedSnapshot], names: Sequence[str]) -> None:
    """Raises UsageError."""
    known = {name for one in snapshots for name in one.manifest.counts}
    known |= {gap.collection for one in snapshots for gap in one.manifest.gaps}
    for name in names:
        if name not in known:
            raise UsageError(
                f"neither snapshot has a collection {name!r}",
                next_step=suggestion_for(name, known) or "Check the spelling.",
            )


def _written_id(word: str, snapshots: Sequence[VerifiedSnapshot], collections: Sequence[str]) -> str:
    """An id as it is written in the archive: Graph writes GUIDs in small letters, and other programs in capitals."""
    small = word.lower()
    return word if small == word or not unknown_ids_of(snapshots, [word], collections) else small


def _require_objects(difference: Difference, ids: Sequence[str], collections: Sequence[str]) -> None:
    """Tells "did not change" from "never was there". Raises UnknownObjectError."""
    snapshots = (difference.before, difference.after)
    for word in unknown_ids_of(snapshots, ids, collections):
        where = f" in {' or '.join(collections)}" if collections else ""
        gap = gap_over(snapshots, word, collections)
        hidden = f", as far as the gap in {gap.collection} lets one see" if gap else ""
        raise UnknownObjectError(
            f"neither snapshot has an object {word!r}{where}{hidden}",
            next_step="Check the id; `strongroom export` writes out what there is.",
        )


def _lines(difference: Difference, document: dict[str, Any], arguments: argparse.Namespace) -> Iterator[str]:
    before, after = document["before"], document["after"]
    yield f"from snapshot {before['sequence']} ({before['taken_at']}) to {after['sequence']} ({after['taken_at']})"
    if before["sequence"] == after["sequence"]:
        yield f"{arguments.before} and {arguments.after} are both snapshot {before['sequence']}"
    yield ""
    width = max([_NAME_WIDTH, *map(len, document["summary"])])
    if not difference.objects:
        yield "no difference" + (", as far as the gaps let one see" if difference.unknown else "")
    else:
        yield f"  {'collection':{width}} {'added':>8} {'removed':>8} {'changed':>8}"
    for name, counts in document["summary"].items():
        yield f"  {name:{width}} {counts['added']:>8,} {counts['removed']:>8,} {counts['changed']:>8,}"
    for unknown in document["unknown"]:
        gap = Gap(**{name: unknown[name] for name in Gap._fields})
        yield f"  UNKNOWN {gap.place}: {gap.reason} (in the snapshot {unknown['in']})"
    yield from _unjudged_lines(difference)
    numbers = {REMOVED: before["sequence"], ADDED: after["sequence"]}
    for entry in sorted(difference.objects, key=ObjectChange.reading_order)[:MAX_OBJECTS_SHOWN]:
        yield ""
        yield from _object_lines(entry)
        if entry.change in numbers and entry.object.collection not in SHOWN_WHOLE:
            yield f"    all of it: {show_command_of(arguments.archive, *entry.object, numbers[entry.change])}"
    rest = len(document["objects"]) - MAX_OBJECTS_SHOWN
    if rest > 0:
        yield ""
        yield f"{counted(rest, 'more object differs', 'more objects differ')}; --json, --out and --html have them all"


def _unjudged_lines(difference: Difference) -> Iterator[str]:
    """Of how many objects nobody knows whether they are privileged, and what would have to be read to know."""
    number = sum(bool(entry.unseen_power) for entry in difference.objects)
    if number:
        yield f"  UNKNOWN whether {counted(number, 'of these objects is', 'of these objects are')} privileged:"
        for gap, side in difference.unseen_power():
            yield f"    {gap.place}: {gap.reason} (in the snapshot {side})"


def _object_lines(entry: ObjectChange) -> Iterator[str]:
    """One object: what it is, what would put it back, and below what differs."""
    collection, id_, parent = entry.object
    words = [entry.change, collection, _cut(id_), *_quoted(entry.name)]
    if parent:
        words += ["in", *(_cut(part) for part in parent), *_quoted(entry.parent_name)]
    if entry.privileged:
        words.append("(privileged)" if entry.privileged == BY_COLLECTION else f"(privileged: {entry.privileged})")
    elif entry.unseen_power:
        words.append("(privileged: UNKNOWN)")
    remarks = remarks_on(entry.action, synchronised=entry.synchronised, recycle_bin_unread=entry.recycle_bin_unread)
    note = "; ".join(filter(None, (entry.why_none, remarks)))
    way = f"{entry.action} ({note})" if note else entry.action
    causes = " and ".join(
        " ".join(_quoted(cause.name) or [_cut(cause.id)]) for cause in entry.follows_from[:MAX_CAUSES]
    )
    more = f" and {counted(len(entry.follows_from) - MAX_CAUSES, 'other')}" if entry.follows_from[MAX_CAUSES:] else ""
    yield f"{' '.join(words)}; to put it back: {way}" + (
        f"; follows from the removal of {causes}{more}" if causes else ""
    )
    if entry.traits:
        traits = (f"{name} {_cut(exact_json_of(value, plain=True))}" for name, value in entry.traits.items())
        yield f"    {', '.join(traits)}"
    if entry.privileged and entry.powers:
        yield f"    privileged: {power_sentence(entry.privileged, entry.powers)}"
    for change in entry.attributes:
        yield f"    {_cut(change.path)}: {_change_of(entry, change)}"
        yield from _named_ids(entry, change)
    for link in entry.links:
        yield f"    {link.relation} {link.change}: {' '.join([_cut(link.id), *_quoted(link.name)])}"


def _change_of(entry: ObjectChange, change: AttributeChange) -> str:
    """Both values, or of a set of words what came and what went."""
    words = word_changes_of(entry.object.collection, change.path, change.before, change.after)
    if words is not None:
        return _cut(words.text)
    before, after = (_named(value, entry.names) for value in (change.before, change.after))
    if change.before is None and change.after is None:  # null on one side, and on the other no such member
        before, after = (_ABSENT, after) if has_member(entry.value, change.path) else (before, _ABSENT)
    marked = f" ({SET_BY_MICROSOFT})" if is_set_by_microsoft(entry.object.collection, change.path) else ""
    return f"{before} -> {after}{marked}"


def _named_ids(entry: ObjectChange, change: AttributeChange) -> Iterator[str]:
    """The ids in a list or an object that have a name: those that came, those that went, those that stay."""
    before = named_ids_of(change.before, change.after, entry.names)
    after = named_ids_of(change.after, change.before, entry.names)
    found = [("+", one) for one in after if one.alone] + [("−", one) for one in before if one.alone]
    found += [("=", one) for one in after if not one.alone]
    yield from (f"        {sign} {_cut(one.id)} {_cut(one.name)!r}" for sign, one in found[:MAX_NAMED_IDS])
    if found[MAX_NAMED_IDS:]:
        rest = len(found) - MAX_NAMED_IDS
        yield f"        and {counted(rest, 'more id that has a name', 'more ids that have names')}"


def _named(value: Value, names: Mapping[str, str]) -> str:
    name = names.get(value) if isinstance(value, str) else None
    return _cut(exact_json_of(value, plain=True)) + (f" ({_cut(name)!r})" if name else "")


def _quoted(name: str | None) -> list[str]:
    return [repr(_cut(name))] if name else []


def _cut(text: str) -> str:
    """Text of any length on one line: beyond MAX_VALUE_CHARACTERS its beginning, and how long it is."""
    if len(text) <= MAX_VALUE_CHARACTERS:
        return text
    return f"{text[:MAX_VALUE_CHARACTERS]}… ({counted(len(text), 'character')})"
