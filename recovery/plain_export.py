"""Plain files out of a proved snapshot: JSON, JSON lines or CSV, one file for each collection and relation.

Nothing is written over: the folder appears whole, under its name, when everything has been proved and written.
"""

from __future__ import annotations

import csv
import errno
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import chain, groupby
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from recovery.attribute import value_of
from recovery.errors import TargetFolderError
from recovery.exact_json import exact_json_of
from recovery.sorted_targets import SortedTargets
from verify.errors import MalformedError
from verify.event_log import EventLog
from verify.key import OBJECT, RELATION, Record, fields_of
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
# The same page: behind another separator, to which a quote in the middle of a cell means nothing, a cell begins too.
_INNER_FORMULA = re.compile(r'([;\t\r\n]"*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])')


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
                for _, records in groupby(snapshot.records(), _stem_of):
                    files.add(records)
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


def _line_of(record: Record, collection: str) -> dict[str, Any]:
    line = value_of(record.line)
    if not isinstance(line, dict):
        raise MalformedError(f"a record of {collection} is not an object")
    return line


def _stem_of(record: Record) -> bytes:
    """A record's key without the part: the same for all parts of one relation, and for nothing else."""
    return record.key.rpartition(b"\x00")[0]


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

    def add(self, records: Iterator[Record]) -> None:
        """Writes an object, a stream, or all parts of one relation; their keys differ in the part alone."""
        record = next(records)
        fields = fields_of(record.key)
        name = _safe(fields.collection)
        if fields.kind == OBJECT:
            self._write(name, [exact_value_of(record.line).decode("utf-8")])
            return
        name += f".{_safe(fields.name)}"
        if fields.kind == RELATION:
            with SortedTargets(self._folder) as targets:
                for part in chain((record,), records):
                    value = _line_of(part, fields_of(part.key).collection)["value"]
                    targets.add(value if isinstance(value, list) else [])
                self._write(name, _relation_text_of(fields.id, targets.texts()))
        else:
            line = _line_of(record, fields.collection)
            self._write(name, [exact_json_of({"id": fields.id, "type": line["type"], "value": line["value"]})])

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

    def _write(self, name: str, texts: Iterable[str]) -> None:
        """Writes one line, which comes in pieces."""
        count = self.counts.get(f"{name}.{self._format}", 0)
        self.counts[f"{name}.{self._format}"] = count + 1
        if self._format == "csv":
            row = value_of("".join(texts).encode("utf-8", "surrogatepass"))
            self._rows.setdefault(name, []).append(row if isinstance(row, dict) else {"value": row})
        elif self._format == "json":
            self._file(name).writelines(chain(("[\n" if not count else ",\n",), texts))
        else:
            self._file(name).writelines(chain(texts, "\n"))

    def _file(self, name: str) -> TextIO:
        if name not in self._open:
            path = self._folder / f"{name}.{self._format}"
            newline = "" if self._format == "csv" else "\n"
            self._open[name] = self._stack.enter_context(path.open("x", encoding="utf-8", newline=newline))
        return self._open[name]


def _relation_text_of(id_: str, targets: Iterable[str]) -> Iterator[str]:
    """The JSON text of an object's relation, in pieces, from those of its targets."""
    yield f'{{"id":{exact_json_of(id_)},"targets":['
    for number, target in enumerate(targets):
        yield f",{target}" if number else target
    yield "]}"


def _safe(name: str) -> str:
    """A name that may become part of a file's name."""
    if not _NAME.match(name):
        raise MalformedError(f"{name[:80]!r} can't be part of a file's name")
    return name


def _cell_of(value: Any) -> str:
    """A cell: text as it is, everything else as JSON. Before text that a spreadsheet would calculate stands a quote."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else exact_json_of(value)
    first = "'" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else ""
    return first + _INNER_FORMULA.sub(r"\1'", text)
