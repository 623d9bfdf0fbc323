"""From the bytes of an object to its record: the canonical line and the key (COMMANDS.md section 3)."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import msgspec

from archiver.graph.canonical import canonical_value_of
from archiver.graph.errors import MalformedPageError
from archiver.graph.exact import string_of
from archiver.graph.form import Form
from archiver.graph.page import values_of
from archiver.graph.row import Row
from verify.errors import MalformedError
from verify.key import KeyFields, Record, key_of

_PLAIN_ID = re.compile(r"[0-9A-Za-z._~-]{1,256}")
"""Ids that stand in a key and in JSON as they are: nearly all, and each record saves 5 us of 20."""
_UNUSABLE = re.compile("[\x00-\x1f\ud800-\udfff]")
"""What no key can hold."""
_SAMPLE_ID = "\x7f"


class RecordShape(NamedTuple):
    """What a catalogue row says about the records made from it.

    `key` names the property that is the record's id; it is empty for a singleton, whose id is its
    collection's name. `without` names the expanded navigation properties that are relations of their own.
    """

    collection: str
    key: str
    without: frozenset[str]


def shape_of(row: Row) -> RecordShape:
    """Gives the shape of a row's records."""
    key = "" if row.kind == "singleton" else row.key
    return RecordShape(row.collection, key, frozenset(relation.name for relation in row.relations))


def records_of(shape: RecordShape, values: bytes, parent: tuple[str, ...] = ()) -> list[Record]:
    """Gives the records of the objects in a JSON array; `parent` is flat, from the outermost down.

    Raises:
        MalformedPageError: no array, or an object is not canonicalisable or has no usable id.
    """
    quoted_parent = f',"parent":[{",".join([string_of(name) for name in parent])}]' if parent else ""
    head = f'{{"collection":{string_of(shape.collection)},"id":'.encode()
    tail = (quoted_parent + ',"value":').encode()
    before, after = object_key(KeyFields(shape.collection, _SAMPLE_ID, parent)).split(_SAMPLE_ID.encode(), 1)
    form = _form_of(shape)
    records = []
    for unverified in values_of(values):
        id_, text = _canonical(unverified, shape, form)
        if _PLAIN_ID.fullmatch(id_):
            plain = id_.encode()
            records.append(Record(before + plain + after, b'%b"%b"%b%b}' % (head, plain, tail, text)))
        else:
            quoted = string_of(id_).encode()
            key = object_key(KeyFields(shape.collection, id_, parent))
            records.append(Record(key, b"%b%b%b%b}" % (head, quoted, tail, text)))
    return records


@cache
def _form_of(shape: RecordShape) -> Form:
    """One form a shape and process: catalogue rows are few."""
    return Form(shape.key, shape.without)


def _canonical(unverified: msgspec.Raw, shape: RecordShape, form: Form) -> tuple[str, bytes]:
    formed = form.object_in(unverified)
    if formed is not None:
        return _usable(formed.key, shape), formed.text
    value, text = canonical_value_of(unverified, shape.without)
    form.note_misfit(value)
    return id_in(value, shape), text


def id_in(value: object, shape: RecordShape) -> str:
    """Gives the id that an object has by its row.

    Raises:
        MalformedPageError: not an object, or the key property is absent, empty or no text.
    """
    if not isinstance(value, dict):
        raise MalformedPageError(f"{shape.collection} holds something that is no object")
    if not shape.key:
        return shape.collection
    return _usable(value.get(shape.key), shape)


def _usable(id_: object, shape: RecordShape) -> str:
    if type(id_) is not str or not id_ or _UNUSABLE.search(id_):
        raise MalformedPageError(f"{shape.collection} holds an object without a usable {shape.key}")
    return id_


def object_key(fields: KeyFields) -> bytes:
    """Gives the key's bytes.

    Raises:
        MalformedPageError: no key can hold the id.
    """
    try:
        return key_of(fields)
    except MalformedError as error:
        raise MalformedPageError(error.message) from error
