"""Sealing what was read again: all else stands in the epoch's full, and the snapshot is that of the whole tenant."""

from __future__ import annotations

import base64
import json

import pytest

import vault.sealing.sorting
from tests.vault.host import Host, user
from vault.errors import FullReadNeededError
from vault.sealing.epoch import EpochTable
from vault.sealing.scope import ReadAgain, Scope
from verify.key import OBJECT, RELATION, STREAM, KeyFields, Record, fields_of, key_of


def record(collection: str, id_: str, text: str = "a", **more: object) -> Record:
    """A record of any kind, whose only content is `text`."""
    fields = KeyFields(collection, id_, **more)  # type: ignore[arg-type]
    line: dict[str, object] = {"collection": collection, "id": id_, "value": {"id": id_, "text": text}}
    if fields.parent:
        line["parent"] = list(fields.parent)
    if fields.kind == RELATION:
        line |= {"relation": fields.name, "part": 0, "parts": 1, "value": [{"id": text}]}
    if fields.kind == STREAM:
        line |= {"stream": fields.name, "type": "image/png", "value": base64.b64encode(text.encode()).decode()}
    return Record(key_of(fields), json.dumps(line, sort_keys=True, separators=(",", ":")).encode())


def group(number: int, text: str = "a") -> list[Record]:
    """A group with a part of its members, an owner and a picture."""
    id_ = f"g{number:04}"
    return [
        record("groups", id_, text),
        record("groups", id_, text, kind=RELATION, name="members"),
        record("groups", id_, text, kind=RELATION, name="owners"),
        record("groups", id_, text, kind=STREAM, name="photo"),
        record("settings", "s", text, parent=("groups", id_)),
    ]


FULL = [*map(user, range(800)), *(one for number in range(300) for one in group(number))]
SCOPE = Scope(
    {
        "users": ReadAgain(frozenset(), {}),
        "groups": ReadAgain(frozenset({b"g0007", b"g0008"}), {b"rmembers": frozenset({b"g0007", b"g0009"})}),
    }
)


@pytest.fixture(autouse=True)
def _small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many ranges, so that their borders are met."""
    monkeypatch.setattr(vault.sealing.sorting, "RANGE_BYTES", 20_000)


def _is_read(one: Record) -> bool:
    """What a run with SCOPE reads, if everything is as in the full: g0008 is gone."""
    fields = fields_of(one.key)
    if fields.collection == "users":
        return False
    if fields.collection == "groups" and fields.kind == OBJECT:
        return fields.id == "g0007"
    if fields.name == "members":
        return fields.id in ("g0007", "g0009")
    return fields.id != "g0008" and fields.parent != ("groups", "g0008")


def test_what_was_not_read_again_stands_and_the_root_is_that_of_a_full_reading(host: Host) -> None:
    """One tenant has one state root in an epoch, however it was read."""
    host.seal(FULL)
    read = [one for one in FULL if _is_read(one)]
    by_changes = host.seal(read, scope=SCOPE)
    gone = {b"groups\x00g0008\x00", b"settings\x00s\x00groups\x01g0008\x00"}
    members_of_gone = record("groups", "g0008", kind=RELATION, name="members").key
    whole = [one for one in FULL if not one.key.startswith(tuple(gone)) or one.key == members_of_gone]
    everything = host.seal(whole)
    assert by_changes.bundle.state_root == everything.bundle.state_root
    assert by_changes.bundle.state_count == everything.bundle.state_count == len(whole)
    assert by_changes.bundle.objects == everything.bundle.objects
    assert by_changes.bundle.removed == everything.bundle.removed == {"groups": 3, "settings": 1}


def test_what_was_read_again_and_changed_is_in_the_delta(host: Host) -> None:
    """The bundle holds the change; what hangs on the objects and has no change query was read for all."""
    host.seal(FULL)
    read = [one for one in FULL if _is_read(one)]
    changed = [record("groups", "g0007", "b"), record("groups", "g0009", "b", kind=RELATION, name="members")]
    keys = {one.key for one in changed}
    sealed = host.seal([*(one for one in read if one.key not in keys), *changed], scope=SCOPE)
    assert sealed.bundle.changed == {"groups": 2}


def test_a_newcomer_is_added_and_what_is_polled_and_gone_is_removed(host: Host) -> None:
    """A scope keeps nothing of a relation that Graph does not tell the changes of, nor of what is contained."""
    host.seal(FULL)
    read = [one for one in FULL if _is_read(one) and b"g0100" not in one.key]
    sealed = host.seal([*read, user(900)], scope=SCOPE)
    assert sealed.bundle.added == {"users": 1}
    assert sealed.bundle.removed["groups"] == 3 + 2  # owners and the photo; the object and its members stand
    assert sealed.bundle.removed["settings"] == 2


def test_a_collection_that_the_scope_does_not_name_was_read_whole(host: Host) -> None:
    """Where changes could not be had, what was not met is gone."""
    host.seal(FULL)
    sealed = host.seal(
        [user(number) for number in range(790)] + [one for one in FULL if b"groups" in one.key],
        scope=Scope({"devices": ReadAgain(frozenset(), {})}),
    )
    assert sealed.bundle.removed == {"users": 10}


@pytest.mark.parametrize("days", [1, 8])
def test_a_full_is_never_made_of_what_changed(host: Host, days: int) -> None:
    """Neither when a new epoch begins in the meantime, nor when so much changed that a delta is not worth it."""
    host.seal(FULL, days=days)
    changed = [record("groups", f"g{number:04}", "b" * 40 + str(number)) for number in range(300)]
    scope = Scope({"groups": ReadAgain(frozenset(f"g{n:04}".encode() for n in range(300)), {})})
    with pytest.raises(FullReadNeededError):
        host.seal(changed, scope=scope)
    assert host.seal(FULL).bundle.kind == ("delta" if days == 1 else "full")


def test_the_table_names_the_objects_of_a_collection(host: Host) -> None:
    """In order, those aside that other objects contain, and nothing of a collection with a longer name."""
    longer = [record("groupsOfOthers", "g1"), record("group", "g1")]
    host.seal([*FULL, *longer])
    table = EpochTable(host.ledger.table_path)
    assert list(table.ids_of("groups")) == [f"g{number:04}" for number in range(300)]
    assert len(list(table.ids_of("users"))) == 800
    assert list(table.ids_of("group")) == ["g1"]
    assert list(table.ids_of("settings")) == list(table.ids_of("nothing")) == []
    assert sum(rows for _, rows in table.page_rows()) == table.rows
