"""Every object of one collection of a snapshot, where no key says which of them is meant."""

from __future__ import annotations

from collections.abc import Iterator

from recovery.attribute import Value, value_of
from verify.key import OBJECT_ENDING, KeyFields, fields_of
from verify.snapshot import VerifiedSnapshot


def objects_in(snapshot: VerifiedSnapshot, collection: str, mention: bytes = b"") -> Iterator[dict[str, Value]]:
    """Yields the objects in order of their keys; with `mention`, only those whose line holds these bytes.

    Raises:
        StrongroomError: what is read is not what was signed.
    """
    for record in snapshot.records(collection.encode() + b"\x00"):
        if not record.key.endswith(OBJECT_ENDING) or mention not in record.line:
            continue
        line = value_of(record.line)
        value = line.get("value") if isinstance(line, dict) else None
        if isinstance(value, dict):
            yield value


def located_objects_in(
    snapshot: VerifiedSnapshot, collection: str, mention: bytes = b""
) -> Iterator[tuple[KeyFields, dict[str, Value]]]:
    """Yields the objects with where they are, in order of their keys.

    With `mention`, in small letters, only those whose line holds these bytes in whatever case.

    Raises:
        StrongroomError: what is read is not what was signed.
    """
    for record in snapshot.records(collection.encode() + b"\x00"):
        if record.key.endswith(OBJECT_ENDING) and (not mention or mention in record.line.lower()):
            line = value_of(record.line)
            value = line.get("value") if isinstance(line, dict) else None
            if isinstance(value, dict):
                yield fields_of(record.key), value
