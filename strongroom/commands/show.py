"""Shows one object of a snapshot with its relations, or one event, proved on the way from the signed log to the record.

ID is the object's id; for a contained object PARENT_ID/ID, where the bare id is not enough; or what people call it,
such as a user principal name or a display name, as it stands in the record.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from recovery.attribute import value_of
from recovery.errors import UnknownObjectError
from recovery.exact_json import exact_json_of
from recovery.object_view import MAX_SHOWN, ObjectView, gaps_of, link_names_of, object_view_of, target_id_of
from recovery.plain_export import exact_value_of
from strongroom.archive_opening import opening_of
from strongroom.clock import now
from strongroom.console import Console
from strongroom.option import add_archive_options
from verify.errors import UsageError
from verify.event_log import EventLog
from verify.gap import Gap
from verify.selector import LATEST


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds COLLECTION, ID and the archive's options."""
    add_archive_options(parser)
    parser.add_argument("collection", metavar="COLLECTION", help="such as users or groups")
    parser.add_argument("id", metavar="ID", help="the object's id, or PARENT_ID/ID, or its name")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Reads the object, and no more of the archive than that needs."""
    opening = opening_of(arguments, console)
    archive = opening.archive()
    snapshot = opening.snapshot(archive, arguments.snapshot)
    try:
        view = object_view_of(snapshot, arguments.collection, arguments.id)
    except UnknownObjectError:
        log = EventLog(archive, opening.identities, now())
        if arguments.collection not in log.streams:
            raise
        return _show_event(log, arguments, console)
    names = link_names_of(snapshot, view)
    gaps = gaps_of(snapshot, view)
    document = {
        "collection": view.collection,
        "id": view.id,
        "parent": list(view.parent),
        "found_by": view.found_by,
        "record": view.record,
        "relations": view.relations,
        "names": names,
        "streams": view.streams,
        "gaps": [gap._asdict() for gap in gaps],
        "snapshot": snapshot.manifest.sequence,
        "events": None,
        "proved": True,
    }
    console.show(document, _lines(document, arguments.id, view, gaps))
    return 0


def _show_event(log: EventLog, arguments: argparse.Namespace, console: Console) -> int:
    """Shows an event of a log, which no snapshot holds. Raises UnknownObjectError, UsageError."""
    if arguments.snapshot != LATEST:
        raise UsageError(
            f"{arguments.collection} is a log, and no part of a snapshot", next_step="Leave --snapshot out."
        )
    event = log.event(arguments.collection, arguments.id)
    if event is None:
        raise UnknownObjectError(
            f"no event {arguments.id[:MAX_SHOWN]!r} of {arguments.collection} is archived",
            next_step="`strongroom export --events` writes all that are.",
        )
    record = value_of(exact_value_of(event.record.line))
    document = {
        "collection": event.stream,
        "id": event.id,
        "parent": [],
        "found_by": "id",
        "record": record,
        "relations": {},
        "names": {},
        "streams": {},
        "gaps": [],
        "snapshot": None,
        "events": event.sequence,
        "proved": True,
    }
    lines = [f"{event.stream} {event.id} in events {event.sequence}, proved"]
    console.show(document, [*lines, *exact_json_of(record, indent=2, plain=True).splitlines()])
    return 0


def _lines(document: dict[str, Any], asked: str, view: ObjectView, gaps: Sequence[Gap]) -> Iterator[str]:
    ids = (document["id"], "/".join((*document["parent"][1::2], document["id"])))
    found_by = "" if view.found_by == "id" else f", its {view.found_by}"
    named = "" if asked in ids else f" (asked for as {asked}{found_by})"
    where = f"{document['collection']} {document['id']}{named} in snapshot {document['snapshot']}"
    if view.has_record:
        yield f"{where}, proved"
        yield from exact_json_of(document["record"], indent=2, plain=True).splitlines()
    else:
        why = "could not be read" if any(gap.relation is None for gap in gaps) else "is not archived"
        yield f"{where}: the object itself {why}; what is shown of it is proved"
    yield from (f"GAP {gap.place}: {gap.reason}: {gap.detail}" for gap in gaps)
    for name, targets in document["relations"].items():
        yield f"{name}: {len(targets)}"
        for target in targets:
            name = document["names"].get(target_id_of(target))
            yield f"  {exact_json_of(target, plain=True)}{f' {name!r}' if name else ''}"
    for name, kind in document["streams"].items():
        yield f"{name}: {kind}"
