"""The input: two days of a simulated tenant as the pages that Graph would send, and as lines for the peers.

Everything in the core catalogue is there: lists, expanding passes, relations of objects that reach the limit
of `$expand`, contained objects and singletons, in the shape and page size that the catalogue's rows ask for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import msgspec

from archiver.graph.batch import MAX_BATCH
from archiver.graph.catalogue import load_catalogue
from archiver.graph.row import EXPAND_LIMIT, Relation, Row
from recovery.rehearsal.altering.change import Change
from recovery.rehearsal.altering.drift import Drift
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.altering.workforce import Workforce
from tests.bench.day import Day, DayWriter
from tests.bench.measured import MEASURED
from tests.bench.replay import do_work
from verify.key import Record, fields_of

SEED = 1


class Truth(NamedTuple):
    """What happened on the day: a user that it changed, one that it did not, objects touched by collection."""

    changed_user: str
    unchanged_user: str
    touched: dict[str, int]


def truth_of(folder: Path) -> Truth:
    """Reads back what `write_day` said about the day in `folder`."""
    return msgspec.json.decode((folder / "truth.json").read_bytes(), type=Truth)


def write_day(folder: Path, users: int, days: int) -> None:
    """Writes the tenant's pages `days` days after its first into `folder`; 1 % of objects change in a day.

    `truth.json` beside them says what changed, and names users to look up.
    """
    tenant = SimulatedTenant(users=users, seed=SEED)
    changes = Drift(tenant, Workforce(tenant)).advance(days) if days else []
    writer = DayWriter(folder)
    rows = load_catalogue().chosen(MEASURED)
    for row in rows:
        if row.kind == "singleton":
            for body in tenant.pages(_path(row.path), version=row.version, select=row.select or None, top=None):
                writer.add("single", row.collection, "", [("", body)])
        elif row.kind == "list":
            _write_list(writer, tenant, row, [child for child in rows if child.parent == row.collection])
    writer.close()
    (folder / "truth.json").write_bytes(msgspec.json.encode(_truth_of(tenant, changes)))


def _truth_of(tenant: SimulatedTenant, changes: list[Change]) -> Truth:
    touched = {(change.collection, change.id) for change in changes}
    ids = list(tenant.population.collections["users"])
    return Truth(
        changed_user=next((id_ for id_ in ids if ("users", id_) in touched), ids[-1]),
        unchanged_user=next(id_ for id_ in ids[len(ids) // 2 :] if ("users", id_) not in touched),
        touched=Counter(collection for collection, _ in touched),
    )


def write_lines(day: Day, folder: Path) -> None:
    """Writes the day's canonical records as JSON lines, one file a collection, sorted as in a bundle."""
    folder.mkdir(parents=True)
    for _, group in groupby(day.works(), key=lambda one: one[0].collection):
        lines = _LineSink()
        for work, bodies in group:
            do_work(lines, work, bodies)
        for name, records in lines.by_collection().items():
            with (folder / f"{name}.jsonl").open("xb") as target:
                target.writelines(line + b"\n" for _, line in records)


class _LineSink:
    """Keeps records in memory: those of one list and of what hangs on it."""

    def __init__(self) -> None:
        self._records: dict[bytes, bytes] = {}

    def add(self, records: Iterable[Record], order: int) -> None:
        """See `archiver.gathering.sink.RecordWriter`; a day on disk holds no reading twice."""
        self._records.update(records)

    def by_collection(self) -> dict[str, list[tuple[bytes, bytes]]]:
        """Sorted records by collection."""
        ordered = sorted(self._records.items())
        return {name: list(group) for name, group in groupby(ordered, key=lambda one: fields_of(one[0]).collection)}


def _write_list(writer: DayWriter, tenant: SimulatedTenant, row: Row, contained: list[Row]) -> None:
    ids: list[str] = []
    for body in tenant.pages(_path(row.path), version=row.version, select=row.select or None, top=row.top):
        writer.add("objects", row.collection, "", [("", body)])
        ids += [str(value[row.key]) for value in msgspec.json.decode(body)["value"]]
    for relation in row.relations:
        left = ids
        if relation.how == "expand":
            expand = _expand(relation.name, relation.select)
            left = _write_pass(writer, tenant, row, relation.name, relation.version, expand, "expanded")
        _write_relations(writer, tenant, row, relation, left)
    for child in contained:
        left = ids
        if child.how == "expand" and child.expand is not None:
            expand = _expand(child.expand, child.select)
            left = _write_pass(writer, tenant, row, child.collection, child.version, expand, "expanded-objects")
        for id_ in left:
            for body in _object_pages(tenant, child, id_):
                writer.add("contained", row.collection, child.collection, [(id_, body)])


def _write_pass(
    writer: DayWriter, tenant: SimulatedTenant, row: Row, name: str, version: str, expand: str, kind: str
) -> list[str]:
    """Writes an expanding pass over a list; gives the ids of the objects that reached the limit."""
    left: list[str] = []
    expanded = expand.partition("(")[0]
    for body in tenant.pages(_path(row.path), version=version, select=(row.key,), top=row.top, expand=expand):
        writer.add("expanded" if kind == "expanded" else "expanded-objects", row.collection, name, [("", body)])
        for value in msgspec.json.decode(body)["value"]:
            targets = value.get(expanded)
            if isinstance(targets, list) and len(targets) >= EXPAND_LIMIT:
                left.append(value[row.key])
    return left


def _write_relations(writer: DayWriter, tenant: SimulatedTenant, row: Row, relation: Relation, ids: list[str]) -> None:
    """Writes relations that are read object by object, as many to a piece of work as a batch brings.

    One of several pages is a piece of work of its own, as `archiver.gathering.relation_reading` has it.
    """
    for at in range(0, len(ids), MAX_BATCH):
        short: list[tuple[str, bytes]] = []
        for id_ in ids[at : at + MAX_BATCH]:
            pages = [(id_, body) for body in _object_pages(tenant, relation, id_)]
            if len(pages) == 1:
                short += pages
            else:
                writer.add("relations", row.collection, relation.name, pages)
        if short:
            writer.add("relations", row.collection, relation.name, short)


def _object_pages(tenant: SimulatedTenant, related: Relation | Row, id_: str) -> Iterator[bytes]:
    path = _path(related.path.replace("{id}", id_))
    return tenant.pages(path, version=related.version, select=related.select or None, top=related.top)


def _expand(name: str, select: tuple[str, ...]) -> str:
    return f"{name}($select={','.join(select)})" if select else name


def _path(path: str) -> str:
    return path.removeprefix("/")
