"""Referential closure: an id that a record names leads to a record, or it is listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from archiver.gathering import named_ids
from archiver.gathering.named_ids import NamedIds, Part, packed_id, pairs_in, text_of_id
from archiver.gathering.since import Dangling, Remarks
from archiver.graph.reference import UNRESOLVED, Reference
from archiver.reading_plan import remarks_of
from tests.archiver.change_kit import ROLES, Known, changed, since, told
from tests.archiver.gather_kit import PRINCIPAL, USER, Prepare, error_answer, gathered_from, reasons_of
from tests.graph.memory_sink import MemorySink
from tests.graph.small_tenant import SmallTenant
from verify.gap import Gap

Json = dict[str, Any]
DIRECTORY = ["users", "groups", "servicePrincipals", "devices", "contacts"]


def guid(number: int) -> str:
    """A GUID whose first digit is the number's last."""
    return f"{number % 16:x}0000000-0000-4000-8000-{number:012x}"


def tenant_of(users: int, **groups: list[str]) -> Prepare:
    """Users and groups with these members; every list that a member may be in is there."""

    def prepare(tenant: SmallTenant) -> None:
        for name in DIRECTORY:
            tenant.lists[f"/{name}"] = []
        tenant.lists["/users"] = [{"id": guid(n), "displayName": f"User {n}"} for n in range(users)]
        for number, (_, members) in enumerate(sorted(groups.items())):
            id_ = guid(1000 + number)
            tenant.lists["/groups"].append({"id": id_})
            tenant.related[f"/groups/{id_}/members"] = [{"@odata.type": USER, "id": member} for member in members]

    return prepare


def unresolved_in(sink: MemorySink) -> Json:
    """The records of ids that lead nowhere."""
    return sink.values(UNRESOLVED)


def test_a_tenant_that_is_whole_has_nothing_unresolved(tmp_path: Path) -> None:
    """Most days of most tenants."""
    gathered, sink, _ = gathered_from(tmp_path, DIRECTORY, tenant_of(40, a=[guid(n) for n in range(40)]))
    assert gathered.gaps == ()
    assert gathered.closure.total == 0 and unresolved_in(sink) == {}


def test_an_id_that_leads_nowhere_is_a_record_that_says_who_names_it(tmp_path: Path) -> None:
    """A member whom nobody can find is not passed over in silence."""
    lost = [guid(900), guid(901)]
    gathered, sink, _ = gathered_from(tmp_path, DIRECTORY, tenant_of(3, a=[guid(0), *lost], b=[lost[0]]))
    assert gathered.closure.total == 2
    found = unresolved_in(sink)
    assert set(found) == set(lost)
    assert found[lost[1]] == {"id": lost[1], "namedBy": [{"id": guid(1000), "place": "groups.members"}]}
    assert found[lost[0]]["namedBy"] == [{"id": guid(1000), "place": "groups.members"}]  # the least of two
    assert gathered.gaps == ()


def test_what_a_full_found_to_lead_nowhere_still_does_where_its_namer_was_not_read_again(tmp_path: Path) -> None:
    """A pulse does not read the groups that nobody changed; nobody asks again for what they name in vain."""
    lost, back, named = guid(900), guid(2), guid(901)
    groups = [guid(1000), guid(1001)]
    prepare = told(
        tenant_of(3, a=[guid(0), lost], b=[named]), *(changed(name) for name in DIRECTORY if name != "groups")
    )
    dangling = [
        Dangling(lost, "groups.members", groups[0]),
        Dangling(back, "groups.members", groups[0]),
        Dangling(named, "groups.members", groups[1]),
        Dangling(guid(902), "groups.members", groups[1]),
    ]
    known = Known(users=[guid(n) for n in range(3)], groups=groups)
    touched: Json = {"id": groups[1], "members@delta": [{"id": named, "@odata.type": USER}]}
    gathered, sink, tenant = gathered_from(
        tmp_path,
        DIRECTORY,
        told(prepare, changed("groups", touched)),
        since=since(*DIRECTORY, known=known, remarks=Remarks(known.collections, {}, dangling)),
        roles=ROLES,
    )
    assert gathered.gaps == () and set(gathered.changes.again) == set(DIRECTORY)
    assert unresolved_in(sink) == {
        id_: {"id": id_, "namedBy": [{"id": by, "place": "groups.members"}]}
        for id_, by in ((lost, groups[0]), (named, groups[1]))
    }
    assert not [url for url in tenant.asked if lost in url]
    assert gathered.closure.lost == [guid(902)]


def test_a_newcomer_is_read_with_all_that_hangs_on_him(tmp_path: Path) -> None:
    """Who came after the users were listed is a member already: he is read by himself, and his manager too."""
    late, manager = guid(800), guid(801)

    def prepare(tenant: SmallTenant) -> None:
        tenant_of(30, a=[late])(tenant)
        hidden: list[Json] = [{"id": late, "displayName": "Late"}, {"id": manager, "displayName": "Chief"}]
        tenant.related[f"/users/{late}/manager"] = [{"@odata.type": USER, "id": manager}]
        # Lists don't show them, and the objects are there.
        for user in hidden:
            tenant.singles[f"/users/{user['id']}"] = user
            tenant.related[f"/users/{user['id']}/sponsors"] = []
        tenant.singles[f"/users/{late}"] |= {"manager": {"@odata.type": USER, "id": manager}}

    gathered, sink, _ = gathered_from(tmp_path, DIRECTORY, prepare)
    assert gathered.gaps == () and unresolved_in(sink) == {}
    users = sink.values("users")
    assert {late, manager} <= set(users) and len(users) == 32
    assert sink.values("users", "manager")[late] == [{"@odata.type": USER, "id": manager}]
    assert gathered.counts["users"] == 32


def test_a_newcomer_of_the_last_round_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newcomers may name newcomers without end, so that rounds have one: whom the last one read leads somewhere."""
    monkeypatch.setattr("archiver.gathering.closure._ROUNDS", 1)
    late = guid(800)

    def prepare(tenant: SmallTenant) -> None:
        tenant_of(3, a=[late])(tenant)
        tenant.singles[f"/users/{late}"] = {"id": late}
        tenant.related[f"/users/{late}/sponsors"] = []

    gathered, sink, _ = gathered_from(tmp_path, DIRECTORY, prepare)
    assert late in sink.values("users")
    assert unresolved_in(sink) == {} and gathered.closure.total == 0


@pytest.mark.parametrize("home", ["deletedUsers", "devices", "servicePrincipals"])
def test_whatever_collection_holds_it_will_do(tmp_path: Path, home: str) -> None:
    """Who was deleted stays a member for a while; and a member need not be a user."""

    def prepare(tenant: SmallTenant) -> None:
        tenant_of(3, a=[guid(700)])(tenant)
        paths = {"deletedUsers": "/directory/deletedItems/microsoft.graph.user"}
        tenant.lists[paths.get(home, f"/{home}")] = [{"id": guid(700)}]

    gathered, sink, _ = gathered_from(tmp_path, list(dict.fromkeys([*DIRECTORY, home])), prepare)
    assert unresolved_in(sink) == {}
    assert gathered.closure.total == 0


def test_what_leads_to_a_collection_that_is_not_read_is_not_judged(tmp_path: Path) -> None:
    """Who leaves devices out does not want a list of all of them."""
    gathered, sink, _ = gathered_from(tmp_path, ["users", "groups"], tenant_of(3, a=[guid(600)]))
    assert unresolved_in(sink) == {} and gathered.closure.total == 0
    assert gathered.closure.unjudged["groups.members"] == "servicePrincipals, devices, contacts: not read"
    assert "users.sponsors" not in gathered.closure.unjudged
    assert "applications.owners" not in gathered.closure.unjudged


def test_what_leads_to_a_list_with_a_gap_is_not_judged(tmp_path: Path) -> None:
    """The gap says it already; a hundred thousand members that nobody found would hide it."""

    def prepare(tenant: SmallTenant) -> None:
        tenant_of(3, a=[guid(n) for n in range(3)])(tenant)
        tenant.on("/v1.0/users?", error_answer(403, "Authorization_RequestDenied"))

    gathered, sink, _ = gathered_from(tmp_path, DIRECTORY, prepare)
    assert ("users", None, None, "forbidden") in reasons_of(gathered)
    assert gathered.closure.unjudged["groups.members"] == "users: not wholly read"
    assert unresolved_in(sink) == {}


def test_many_are_listed_and_not_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of them are no race with the tenant; a list has an end, and the number is told."""
    monkeypatch.setattr("archiver.gathering.closure.MAX_ASKED", 5)
    monkeypatch.setattr("archiver.gathering.closure.MAX_LISTED", 8)
    lost = [guid(500 + n) for n in range(30)]
    gathered, sink, tenant = gathered_from(tmp_path, DIRECTORY, tenant_of(3, a=lost))
    assert gathered.closure.total == 30
    assert len(unresolved_in(sink)) == 8
    assert not [url for url in tenant.asked if lost[0] in url]
    detail = "30 ids lead nowhere, of which the first 8 are listed"
    assert gathered.gaps == (Gap(UNRESOLVED, None, None, "interrupted", detail),)


def test_a_list_that_is_just_full_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gap where nothing is missing would hide what is mended."""
    monkeypatch.setattr("archiver.gathering.closure.MAX_LISTED", 8)
    gathered, sink, _ = gathered_from(tmp_path, DIRECTORY, tenant_of(3, a=[guid(500 + n) for n in range(8)]))
    assert len(unresolved_in(sink)) == 8 and gathered.gaps == ()


@pytest.mark.parametrize(("known", "is_read_again"), [(100, False), (100, True), (11, False)])
def test_a_reading_by_changes_counts_what_was_not_listed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: int, is_read_again: bool
) -> None:
    """The same tenant has the same number, however it is read."""
    monkeypatch.setattr("archiver.gathering.closure.MAX_ASKED", 5)
    monkeypatch.setattr("archiver.gathering.closure.MAX_LISTED", 8)
    monkeypatch.setattr("archiver.gathering.closure.MAX_KNOWN", known)
    named = {"a": [guid(500 + n) for n in range(20)], "b": [guid(600 + n) for n in range(10)]}
    full, all_listed, _ = gathered_from(tmp_path, DIRECTORY, tenant_of(3, **named))
    remarks = remarks_of(full, [])
    assert len(remarks.dangling) + remarks.dangling_untold == 30
    holds = Known(users=[guid(n) for n in range(3)], groups=[guid(1000), guid(1001)])
    change: Json = {"id": guid(1001), "members@delta": [{"id": named["b"][0], "@odata.type": USER}]}
    touched = [change] if is_read_again else []
    gathered, listed, _ = gathered_from(
        tmp_path,
        DIRECTORY,
        told(tenant_of(3, **named), *(changed(name, *(touched if name == "groups" else ())) for name in DIRECTORY)),
        since=since(*DIRECTORY, known=holds, remarks=msgspec.structs.replace(remarks, whole=holds.collections)),
        roles=ROLES,
    )
    assert set(gathered.changes.again) == set(DIRECTORY)
    assert gathered.closure.total == 30 and gathered.gaps == full.gaps
    assert unresolved_in(listed) == unresolved_in(all_listed) and gathered.closure.lost == []


def test_a_place_in_an_object_is_looked_at_too(tmp_path: Path) -> None:
    """A grant to a service principal that is gone; the words that stand in the place of an id are no ids."""

    def prepare(tenant: SmallTenant) -> None:
        tenant_of(1)(tenant)
        tenant.lists["/oauth2PermissionGrants"] = [
            {"id": "grant-1", "clientId": guid(400), "resourceId": guid(401), "principalId": None},
            {"id": "grant-2", "clientId": "All", "resourceId": guid(401), "principalId": guid(0).upper()},
        ]
        tenant.lists["/servicePrincipals"] = [{"id": guid(401), "@odata.type": PRINCIPAL}]

    gathered, sink, _ = gathered_from(tmp_path, [*DIRECTORY, "oauth2PermissionGrants"], prepare)
    assert unresolved_in(sink) == {
        guid(400): {"id": guid(400), "namedBy": [{"id": "grant-1", "place": "oauth2PermissionGrants.clientId"}]}
    }
    assert gathered.closure.total == 1


class Worker(NamedIds):
    """What one worker notes, and where it sets it aside."""

    def __init__(self) -> None:
        super().__init__()
        self.sink = MemorySink()

    def note(self, reference: Reference, namer: bytes, ids: list[bytes]) -> None:
        """Names, and makes room after it as after a page."""
        self.name(reference, namer, ids)
        self.make_room(self.sink)

    def named(self, number: int) -> Part:
        """A bucket, as it is sent."""
        return self.part(number, self.sink)


@pytest.fixture(params=[1 << 20, 100], ids=["in memory", "set aside"])
def worker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """A worker with room for all that it notes, and one with room for next to nothing."""
    monkeypatch.setattr(named_ids, "_HELD_BYTES", request.param)
    return Worker()


def many(count: int) -> list[bytes]:
    """Ids of one bucket."""
    return [b"00%06x-0000-4000-8000-000000000000" % number for number in range(count)]


def test_what_leads_to_what_the_same_worker_met_is_not_sent(worker: Worker) -> None:
    """Of a million members nearly all are met: what is left to compare is little."""
    reference = Reference(of="groups", to=("users",), relation="members")
    ids = many(300)
    for id_ in ids[:298]:
        worker.meet(b"deletedUsers\x00" + id_ + b"\x00\x00o\x00")
    worker.meet(b"devices\x00" + ids[299] + b"\x00\x00o\x00")
    for group in range(3):
        worker.note(reference, guid(group).encode(), ids)
    worker.meet(b"users\x00" + ids[298] + b"\x00\x00o\x00")
    for _ in range(2):
        assert [text_of_id(id_) for id_ in pairs_in(worker.named(0).named["groups.members"])] == [ids[299].decode()]


def test_what_is_named_often_is_sent_once_with_the_least_namer(worker: Worker) -> None:
    """A group of everybody beside a thousand others names each user a thousand times."""
    reference = Reference(of="groups", to=("users",), relation="members")
    ids = many(20)
    for group in range(50):
        worker.note(reference, guid(60 - group).encode(), ids)
    pairs = worker.named(0).named["groups.members"]
    assert len(pairs) == 32 * 20
    assert {text_of_id(id_) for id_ in pairs_in(pairs)} == {id_.decode() for id_ in ids}
    assert {text_of_id(namer) for namer in pairs_in(pairs).values()} == {min(guid(60 - group) for group in range(50))}
    worker.note(reference, guid(0).encode(), ids[:1])
    assert text_of_id(pairs_in(worker.named(0).named["groups.members"])[packed_id(ids[0])]) == guid(0)
    assert text_of_id(packed_id(guid(77).encode())) == guid(77)


def test_a_namer_that_is_no_guid_keeps_its_text(worker: Worker) -> None:
    """Grants and assignments have ids of other kinds, and their texts lie beside what they name."""
    reference = Reference(of="oauth2PermissionGrants", to=("users",), path="principalId")
    ids = many(40)
    for number, id_ in enumerate(ids):
        worker.note(reference, b"grant/%d" % number, [id_])
    worker.note(reference, b"grant", [b"5" + ids[0][1:]])
    for _ in range(2):
        part = worker.named(0)
        named = pairs_in(part.named["oauth2PermissionGrants.principalId"])
        assert {part.texts[by] for by in named.values()} == {f"grant/{number}" for number in range(40)}
        assert part.texts[named[packed_id(ids[7])]] == "grant/7"
    assert list(worker.named(0x50).texts.values()) == ["grant"]
    for id_ in ids:
        worker.meet(b"users\x00" + id_ + b"\x00\x00o\x00")
    assert worker.named(0).texts == {}
