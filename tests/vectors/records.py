"""F-KEY, F-LINE and F-STATE: lines against keys, and the state tree over them."""

from __future__ import annotations

import json
from typing import Any

from tests.vectors.vector import Fault, VectorFile, called
from tests.verify.kit.crew import CREW, sound_story, tenant_records, user, user_id
from tests.verify.kit.edit import Edit, always, member
from tests.verify.kit.record import ForgedRecord, key_of
from tests.verify.kit.story import Snapshot, Story

VECTORS = VectorFile()


def _record(key: bytes, **members: Any) -> ForgedRecord:
    """A record whose line holds just these members."""
    line = json.dumps(members, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return ForgedRecord(key, line.encode("utf-8"))


def _with(record: ForgedRecord) -> Fault:
    """Adds a record to a full; table, hashes, tree and signatures all fit it."""

    def fault(story: Story) -> None:
        story.snapshots[0].live = sorted([*tenant_records(), record])

    return fault


_VALUE = {"displayName": "x"}
_PART: dict[str, Any] = {"collection": "groups", "id": CREW, "relation": "owners", "value": [{"id": "1"}]}
_STREAM: dict[str, Any] = {
    "collection": "users",
    "id": "zz",
    "stream": "photo",
    "type": "image/png",
    "value": "AAAA",
}
_OWNERS = key_of("groups", CREW, (), "rowners", "00000000")

UNREADABLE_KEYS: list[tuple[str, str, ForgedRecord]] = [
    ("key_with_a_control_character", "An id holds U+001F, in the key and in the line.",
     _record(key_of("groups", "a\x1fb"), collection="groups", id="a\x1fb", value=_VALUE)),
    ("key_with_a_name_that_holds_an_lf", "A relation's name holds an LF, which would cut the key text.",
     _record(key_of("groups", "a", (), "ra\nb", "00000000"), collection="groups", id="a", relation="a\nb",
             part=0, parts=1, value=[])),
    ("key_with_a_field_less", "A key has four fields.",
     _record(b"groups\x00a\x00\x00o", collection="groups", id="a", value=_VALUE)),
    ("key_with_a_field_more", "A key has six fields.",
     _record(b"groups\x00a\x00\x00o\x00\x00", collection="groups", id="a", value=_VALUE)),
    ("key_that_is_not_utf_8", "A key holds the byte FF.",
     ForgedRecord(b"groups\x00\xff\x00\x00o\x00", b'{"collection":"groups","id":"\xff","value":{}}')),
]  # fmt: skip
"""What the tables can't hold as a key; found before any line is read."""

KEYS: list[tuple[str, str, ForgedRecord]] = [
    ("key_with_an_upper_case_part", "The part of a key is in upper-case hex.",
     _record(key_of("groups", CREW, (), "rowners", "0000000A"), **_PART | {"part": 10, "parts": 16})),
    ("key_with_a_short_part", "The part of a key has one digit.",
     _record(key_of("groups", CREW, (), "rowners", "0"), **_PART | {"part": 0, "parts": 1})),
    ("key_of_an_object_with_a_part", "An object's key has a part.",
     _record(key_of("groups", "a", (), "o", "00000000"), collection="groups", id="a", value=_VALUE)),
    ("key_of_an_object_with_a_name", "An object's key has a name.",
     _record(key_of("groups", "a", (), "oname"), collection="groups", id="a", value=_VALUE)),
    ("key_of_a_stream_with_a_part", "A stream's key has a part.",
     _record(key_of("users", "zz", (), "sphoto", "00000000"), **_STREAM)),
    ("key_of_an_unknown_kind", "A key is of kind x.",
     _record(key_of("groups", "a", (), "x"), collection="groups", id="a", value=_VALUE)),
    ("key_without_an_id", "A key's id is empty.",
     _record(key_of("groups", ""), collection="groups", id="", value=_VALUE)),
]  # fmt: skip
"""What is cut like a key and is none."""

LINES: list[tuple[str, str, ForgedRecord]] = [
    ("line_of_another_id", "The table gives a line the key of another object.",
     _record(key_of("groups", "a"), collection="groups", id="b", value=_VALUE)),
    ("line_of_another_collection", "The table gives a line the key of another collection.",
     _record(key_of("groups", "a"), collection="users", id="a", value=_VALUE)),
    ("line_of_another_kind", "The table gives an object's line the key of a stream.",
     _record(key_of("groups", "a", (), "sphoto"), collection="groups", id="a", value=_VALUE)),
    ("line_of_another_part", "The table gives part 1 the key of part 0.",
     _record(_OWNERS, **_PART | {"part": 1, "parts": 2})),
    ("line_of_another_parent", "The table gives a contained object the key of a top-level one.",
     _record(key_of("groups", "a"), collection="groups", id="a", parent=["users", "b"], value=_VALUE)),
    ("line_that_is_not_json", "A line is not JSON.", ForgedRecord(key_of("groups", "a"), b"groups a")),
    ("line_that_is_an_array", "A line is an array.", ForgedRecord(key_of("groups", "a"), b'["groups","a"]')),
    ("line_that_names_its_id_twice", "A line names `id` twice, the second time as the key does.",
     ForgedRecord(key_of("groups", "a"), b'{"collection":"groups","id":"b","id":"a","value":{}}')),
    ("line_that_names_another_id_at_its_end", "A line names `id` as its key does, and another at its end.",
     ForgedRecord(key_of("groups", "a"), b'{"collection":"groups","id":"a","value":{},"id":"b"}')),
    ("line_without_a_collection", "A line has no collection.",
     _record(key_of("groups", "a"), id="a", value=_VALUE)),
    ("line_without_an_id", "A line has no id.",
     _record(key_of("groups", "a"), collection="groups", value=_VALUE)),
    ("line_without_a_value", "A line has no value.",
     _record(key_of("groups", "a"), collection="groups", id="a")),
    ("line_with_a_number_for_an_id", "A line's id is a number.",
     _record(key_of("groups", "1"), collection="groups", id=1, value=_VALUE)),
    ("line_of_a_relation_and_a_stream", "A line is a part of a relation and a stream at once.",
     _record(_OWNERS, **_PART | {"part": 0, "parts": 1, "stream": "photo"})),
    ("line_with_a_part_beyond_its_parts", "A line is part 2 of 2.",
     _record(key_of("groups", CREW, (), "rowners", "00000002"), **_PART | {"part": 2, "parts": 2})),
    ("line_with_three_parts", "A relation has three parts, which is no power of two.",
     _record(_OWNERS, **_PART | {"part": 0, "parts": 3})),
    ("line_with_an_empty_parent", "A line has a parent without elements, and the key of a top-level object.",
     _record(key_of("groups", "a"), collection="groups", id="a", parent=[], value=_VALUE)),
]  # fmt: skip

for _name, _title, _forged in UNREADABLE_KEYS:
    VECTORS.fails("F-KEY-1", "C22", "MalformedError")(called(_name, _title, _with(_forged)))
for _name, _title, _forged in KEYS:
    VECTORS.fails("F-KEY-1", "C23", "MalformedError")(called(_name, _title, _with(_forged)))
for _name, _title, _forged in LINES:
    VECTORS.fails("F-LINE-1", "C23", "MalformedError")(called(_name, _title, _with(_forged)))


@VECTORS.passes("F-KEY-1")
def keys_of_the_whole_of_unicode(story: Story) -> None:
    """Ids are compared by their bytes in UTF-8, whatever they hold."""
    names = ["\x7f", "\x20", '"', "\\", "é", "\u200b", "\ufffd", "😀", "\U0010ffff", "a\u2028b"]
    more = [_record(key_of("groups", name), collection="groups", id=name, value=_VALUE) for name in names]
    story.snapshots[0].live = sorted([*tenant_records(), *more])


@VECTORS.passes("F-LINE-1")
def numbers_of_every_spelling(story: Story) -> None:
    """Numbers in values keep their digits and are nobody's business but the hash's."""
    line = b'{"collection":"groups","id":"a","value":{"a":2.50,"b":1E+2,"c":123456789012345678901234567890}}'
    _with(ForgedRecord(key_of("groups", "a"), line))(story)


@VECTORS.passes("F-LINE-1")
def line_with_a_lone_surrogate(story: Story) -> None:
    """A value may hold an escaped lone surrogate, as Graph sent it."""
    _with(ForgedRecord(key_of("groups", "a"), b'{"collection":"groups","id":"a","value":{"n":"\\ud800"}}'))(story)


@VECTORS.fails("F-STATE-1", "C24", "DigestError")
def state_root_of_a_full(story: Story) -> None:
    """A full's manifest gives another state root."""
    story.snapshots[0].manifest = lambda payload, past: member("state_root", "00" * 32)(payload)


@VECTORS.fails("F-STATE-1", "C24", "DigestError")
def state_count_of_a_full(story: Story) -> None:
    """A full's manifest gives one leaf more than its tree has."""
    story.snapshots[0].manifest = lambda payload, past: {**payload, "state_count": payload["state_count"] + 1}


@VECTORS.fails("F-STATE-1", "C24", "DigestError", start=sound_story)
def state_root_of_a_delta(story: Story) -> None:
    """A delta's manifest gives the state root of its full."""
    story.snapshots[1].manifest = lambda payload, past: {
        **payload,
        "state_root": past[0].payload["state_root"],
    }


@VECTORS.fails("F-STATE-1", "C24", "DigestError", start=sound_story)
def state_count_of_a_delta(story: Story) -> None:
    """A delta's manifest counts the delta's rows and not the live records."""
    story.snapshots[1].manifest = lambda payload, past: member("state_count", 2)(payload)


@VECTORS.fails("F-STATE-1", "C24", "DigestError", start=sound_story)
def delta_that_forgets_a_tombstone(story: Story) -> None:
    """A removed record has no tombstone, while root and counts leave it out."""
    story.snapshots[1].bundle.tombstones = always([])


@VECTORS.fails("F-STATE-1", "C24", "DigestError", start=sound_story)
def delta_that_forgets_a_change(story: Story) -> None:
    """A changed record has no row, while the root holds its new hash."""
    changed = user(2, title="Mate").key
    story.snapshots[1].rows = lambda rows: [record for record in rows if record.key != changed]


@VECTORS.fails("F-STATE-1", "C24", "DigestError")
def state_without_salt(story: Story) -> None:
    """The leaves are salted with the secret of another epoch than the footer gives."""
    story.snapshots[0].secret = always(bytes(32))


@VECTORS.fails("F-STATE-1", "C24", "DigestError")
def full_that_forgets_a_record(story: Story) -> None:
    """A record is in the tree and not in the bundle."""
    story.snapshots[0].state = always(tenant_records())
    story.snapshots[0].rows = lambda rows: rows[:-1]


def _rows(edit: Edit[list[ForgedRecord]]) -> Fault:
    def fault(story: Story) -> None:
        story.snapshots[0].rows = edit

    return fault


ORDERS: list[tuple[str, str, Edit[list[ForgedRecord]]]] = [
    ("keys_in_another_order", "Two neighbours in one block have changed places, in the tree too.",
     lambda rows: [rows[1], rows[0], *rows[2:]]),
    ("keys_in_another_order_across_blocks",
     "The last line of a block and the next one's first have changed places.",
     lambda rows: [*rows[:2], rows[3], rows[2], *rows[4:]]),
    ("key_that_stands_twice", "A record stands twice, and is two leaves.", lambda rows: [rows[0], *rows]),
    ("key_that_stands_twice_across_blocks", "A record ends one block and begins the next.",
     lambda rows: [*rows[:3], *rows[2:]]),
    ("key_of_two_lines", "Two lines of one object have one key.",
     lambda rows: sorted([*rows, user(2, title="Double")])),
]  # fmt: skip

for _name, _title, _edit in ORDERS:
    VECTORS.fails("F-STATE-2", "C22", "MalformedError")(called(_name, _title, _rows(_edit)))


@VECTORS.fails("F-STATE-3", "C24", "MalformedError", start=sound_story)
def tombstone_of_nobody(story: Story) -> None:
    """A tombstone names a key that the full does not have."""
    story.snapshots[1].bundle.tombstones = lambda keys: sorted([*keys, key_of("users", user_id(99))])


@VECTORS.fails("F-STATE-3", "C24", "MalformedError", start=sound_story)
def tombstone_of_a_row(story: Story) -> None:
    """A tombstone names a key that is a row of the same delta."""
    story.snapshots[1].bundle.tombstones = lambda keys: sorted([*keys, user(2).key])


@VECTORS.passes("F-STATE-3", start=sound_story)
def delta_of_nothing(story: Story) -> None:
    """A day on which nothing changed makes a delta without rows and tombstones."""
    story.snapshots[1].live = list(story.snapshots[0].live)


@VECTORS.passes("F-STATE-3", start=sound_story)
def delta_that_removes_everything(story: Story) -> None:
    """A delta may consist of tombstones alone."""
    story.snapshots[1].live = []


@VECTORS.passes("F-STATE-3", start=sound_story)
def delta_without_regard_to_the_one_before(story: Story) -> None:
    """A second delta of an epoch leans on the full and repeats what the first one said."""
    second = story.snapshots[1]
    story.events.insert(3, Snapshot([*second.live], "delta", list(second.recipients), day=3))
