"""Plain files out of a proved snapshot: JSON, JSON lines or CSV, one file for each collection and relation.

Nothing is written over: the folder appears whole, under its name, when everything has been proved and written.
"""

from __future__ import annotations

import csv
import errno
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from recovery.attribute import value_of
from recovery.errors import TargetFolderError
from recovery.exact_json import exact_json_of
from recovery.object_view import target_id_of
from verify.errors import MalformedError
from verify.event_log import EventLog
from verify.key import OBJECT, RELATION, KeyFields, Record, fields_of
from verify.no_room import require_room
from verify.snapshot import VerifiedSnapshot

FORMATS: Final = ("json", "jsonl", "csv")

_STAGING_PREFIX = ".strongroom-export-"
_STAGING_BYTES = 16
_OWNER_ONLY = 0o700
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY)
"""What renaming a folder says of a name that another export took in the last moment."""
_VALUE = b',"value":'
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,127}\Z")
# OWASP, "CSV Injection": what a spreadsheet takes for the beginning of a formula, also in its full-width form.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Exported(NamedTuple):
    """What was written: lines (objects, or objects with targets) by file name."""

    folder: Path
    files: dict[str, int]


def export(snapshot: VerifiedSnapshot, folder: Path, format_: str, events: EventLog | None = None) -> Exported:
    """Writes the snapshot as plain files into `folder`, which must not exist.

    `events` are written beside it: a file of JSON lines for each stream, in the order in which they were sealed.

    Raises:
        TargetFolderError: the folder is there already, or can't be written.
        OutputError: there is no room for it.
        StrongroomError: what is read is not what was signed; then nothing is left.
    """
    require_new(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # A name that nobody can guess: what lies here is of this export alone, and no other's is ever removed.
        # It is known before the folder is made, so that a signal at that very moment leaves nothing either.
        staging = folder.parent / f"{_STAGING_PREFIX}{secrets.token_hex(_STAGING_BYTES)}"
        try:
            staging.mkdir(mode=_OWNER_ONLY)
            with ExitStack() as stack:
                files = _Files(staging, format_, stack)
                for group in _objects_in(snapshot):
                    files.add(group)
                files.end()
            counts = files.counts | (_written_events(events, staging) if events else {})
            _move(staging, folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        require_room(folder, error)
        raise TargetFolderError(
            f"{folder} can't be written: {error.strerror}", next_step="Name a folder where this account may write."
        ) from error
    return Exported(folder, dict(sorted(counts.items())))


def _written_events(events: EventLog, folder: Path) -> dict[str, int]:
    """Writes all events, each once, and gives their number by the name of the file. Raises OSError."""
    counts = {}
    for stream in events.streams:
        name = f"{_safe(stream)}.jsonl"
        counts[name] = 0
        with (folder / name).open("xb") as file:
            for event in events.events(stream):
                file.write(exact_value_of(event.record.line) + b"\n")
                counts[name] += 1
    return counts


def require_new(folder: Path) -> None:
    """Raises TargetFolderError unless nothing has this name yet, a symbolic link neither."""
    try:
        is_there = folder.is_symlink() or folder.exists()
    except OSError as error:
        raise TargetFolderError(
            f"{folder} can't be written: {error.strerror}", next_step="Name a folder where this account may write."
        ) from error
    if is_there:
        raise TargetFolderError(f"{folder} is there already; nothing is written over")


def _move(staging: Path, folder: Path) -> None:
    """Gives what was written its name. Raises TargetFolderError if somebody was faster."""
    require_new(folder)
    try:
        staging.rename(folder)
    except OSError as error:
        if error.errno in _TAKEN:
            raise TargetFolderError(f"{folder} is there already; nothing is written over") from error
        raise


class _Group(NamedTuple):
    """Everything of one object: its own line if there is one, and the targets of each relation."""

    fields: KeyFields
    value: bytes | None
    relations: dict[str, list[Any]]
    streams: dict[str, Any]


def _objects_in(snapshot: VerifiedSnapshot) -> Iterator[_Group]:
    group: _Group | None = None
    for record in snapshot.records():
        fields = fields_of(record.key)
        if group is None or group.fields[:3] != fields[:3]:
            if group is not None:
                yield group
            group = _Group(fields, None, {}, {})
        group = _with(group, fields, record)
    if group is not None:
        yield group


def _with(group: _Group, fields: KeyFields, record: Record) -> _Group:
    if fields.kind == OBJECT:
        return group._replace(value=exact_value_of(record.line))
    line = value_of(record.line)
    if not isinstance(line, dict):
        raise MalformedError(f"a record of {fields.collection} is not an object")
    if fields.kind == RELATION:
        targets = line["value"]
        group.relations.setdefault(fields.name, []).extend(targets if isinstance(targets, list) else [])
    else:
        group.streams[fields.name] = {"type": line["type"], "value": line["value"]}
    return group


def exact_value_of(line: bytes) -> bytes:
    """V of an object's line, byte for byte: it stands last, behind the first `"value":` outside of strings.

    Collection, id and parent come before it; a quote inside them is escaped, so that `,"value":` is none of theirs.
    """
    return line[line.index(_VALUE) + len(_VALUE) : -1]


class _Files:
    """Open files by name; names are made of collection and relation names that are letters and digits."""

    def __init__(self, folder: Path, format_: str, stack: ExitStack) -> None:
        self._folder = folder
        self._format = format_
        self._stack = stack
        self._open: dict[str, TextIO] = {}
        self._rows: dict[str, list[Mapping[str, Any]]] = {}
        self.counts: dict[str, int] = {}

    def add(self, group: _Group) -> None:
        """Writes one object and its relations."""
        collection = _safe(group.fields.collection)
        if group.value is not None:
            self._write(collection, group.value.decode("utf-8"))
        for relation, targets in group.relations.items():
            targets.sort(key=target_id_of)
            line = exact_json_of({"id": group.fields.id, "targets": targets})
            self._write(f"{collection}.{_safe(relation)}", line)
        for stream, content in group.streams.items():
            self._write(f"{collection}.{_safe(stream)}", exact_json_of({"id": group.fields.id, **content}))

    def end(self) -> None:
        """Writes what stands at the end of files."""
        if self._format == "json":
            for file in self._open.values():
                file.write("\n]\n")
        if self._format == "csv":
            for name, rows in self._rows.items():
                writer = csv.writer(self._file(name))
                columns = sorted({column for row in rows for column in row})
                writer.writerow([_cell_of(column) for column in columns])
                writer.writerows([[_cell_of(row.get(column)) for column in columns] for row in rows])

    def _write(self, name: str, text: str) -> None:
        count = self.counts.get(f"{name}.{self._format}", 0)
        self.counts[f"{name}.{self._format}"] = count + 1
        if self._format == "csv":
            row = value_of(text.encode("utf-8", "surrogatepass"))
            self._rows.setdefault(name, []).append(row if isinstance(row, dict) else {"value": row})
        elif self._format == "json":
            self._file(name).write(("[\n" if not count else ",\n") + text)
        else:
            self._file(name).write(text + "\n")

    def _file(self, name: str) -> TextIO:
        if name not in self._open:
            path = self._folder / f"{name}.{self._format}"
            newline = "" if self._format == "csv" else "\n"
            self._open[name] = self._stack.enter_context(path.open("x", encoding="utf-8", newline=newline))
        return self._open[name]


def _safe(name: str) -> str:
    """A name that may become part of a file's name."""
    if not _NAME.match(name):
        raise MalformedError(f"{name[:80]!r} can't be part of a file's name")
    return name


def _cell_of(value: Any) -> str:
    """A cell: text as it is, everything else as JSON. Before text that a spreadsheet would calculate stands a quote."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return exact_json_of(value)
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
