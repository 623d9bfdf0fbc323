"""Alarms: gaps in what is required, collections that shrank, and a clock that is wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archiver.alarm import Alarm
from archiver.baseline import Baseline, baselines_of
from archiver.graph.catalogue import load_catalogue
from archiver.host_clock import clock_alarms_of, date_of_last_snapshot, words_of_span
from archiver.left_out import left_out_alarms_of, left_out_of
from archiver.run_error import RunError
from archiver.shortfall import drop_alarms_of, gap_alarms_of, licensed_gaps_of
from archiver.state.run_record import RunRecord, line_of_failure
from vault.ledger.head import EpochFull, Head
from verify.gap import Gap
from verify.strict_json import text_of_time

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
WHOLE = Gap("users", None, None, "forbidden", "403")
MEMBERS = Gap("groups", "members", None, "server-error", "503")
LEFT = Gap("users", None, "u1", "not-found", "it went")
UNKNOWN_OBJECT = Gap("users", "manager", "u1", "server-error", "503")


def dropped(before: int, left: int, max_drop: float = 0.2, gaps: tuple[Gap, ...] = ()) -> list[str]:
    """Which collections alarm if there are `left` users of `before`."""
    last = Baseline("in the last snapshot", {"users": before})
    return [alarm.subject for alarm in drop_alarms_of(gaps, [last], {"users": left}, max_drop)]


@pytest.mark.parametrize(
    ("gaps", "required", "alarming"),
    [
        ([WHOLE], ["users"], ["users"]),
        ([WHOLE], ["groups"], []),
        ([WHOLE, MEMBERS], ["groups", "users"], ["groups", "users"]),
        ([UNKNOWN_OBJECT], ["users"], ["users"]),
        ([LEFT], ["users"], []),
        ([LEFT, WHOLE], ["users"], ["users"]),
        ([Gap("users", None, None, "not-found", "404")], ["users"], ["users"]),
        ([], ["users"], []),
    ],
)
def test_a_gap_in_a_required_collection_alarms(gaps: list[Gap], required: list[str], alarming: list[str]) -> None:
    """Unless all it says is that an object was deleted while the tenant was read."""
    alarms = gap_alarms_of(gaps, required)
    assert [(alarm.kind, alarm.subject) for alarm in alarms] == [("gap", name) for name in alarming]


UNLICENSED = Gap("workflows", None, None, "licence-missing", "403 needs Entra ID Governance")


@pytest.mark.parametrize(
    ("gap", "before", "missed"),
    [
        (Gap("userDirectoryExtensions", "extensionsOfOtherTenants", None, "server-error", "not named"), {}, False),
        (UNLICENSED, {}, False),
        (UNLICENSED, {"workflows": 0}, False),
        (UNLICENSED, {"workflows": 3}, True),
        (WHOLE, {}, True),
    ],
)
def test_what_the_tenant_was_never_licensed_for_is_not_missed(gap: Gap, before: dict[str, int], missed: bool) -> None:
    """Most tenants lack some licence; an alarm that every one of them has every night is one that nobody reads."""
    assert licensed_gaps_of([gap], before) == [gap] * missed


@pytest.mark.parametrize(
    ("before", "left", "alarms"),
    [
        (100, 80, False),
        (100, 79, True),
        (100, 100, False),
        (100, 130, False),
        (100, 0, True),
        (25, 20, False),
        (24, 19, True),
        (5, 0, True),
        (4, 0, False),
        (10, 6, False),
        (10, 5, True),
    ],
)
def test_a_drop_alarms_beyond_the_share_and_from_five_objects_on(before: int, left: int, alarms: bool) -> None:
    """Exactly the share is allowed; of three policies one may go without waking anybody."""
    assert dropped(before, left) == (["users"] if alarms else [])


@pytest.mark.parametrize(("max_drop", "left", "alarms"), [(0.0, 95, True), (0.0, 96, False), (1.0, 0, False)])
def test_the_share_is_that_of_the_settings(max_drop: float, left: int, alarms: bool) -> None:
    """0 alarms at any drop of five, 1 never."""
    assert dropped(100, left, max_drop) == (["users"] if alarms else [])


def test_what_a_gap_hides_is_unknown_and_not_gone() -> None:
    """The gap has an alarm of its own, where it matters."""
    assert dropped(100, 0, gaps=(WHOLE,)) == []
    assert dropped(100, 0, gaps=(LEFT,)) == ["users"], "one object that went hides nothing"


def test_a_collection_that_vanished_dropped() -> None:
    """An empty collection has no count at all."""
    last = Baseline("in the last snapshot", {"users": 100})
    (alarm,) = drop_alarms_of([], [last], {}, 0.2)
    assert alarm == Alarm("drop", "users", "users shrank from 100 objects in the last snapshot to 0")
    assert alarm.of_run == {"kind": "drop", "subject": "users", "detail": alarm.detail}


@pytest.mark.parametrize(("left", "alarms"), [(0, True), (2, True), (3, False), (4, False)])
def test_one_escrowed_secret_that_is_lost_is_a_drop(left: int, alarms: bool) -> None:
    """Nobody takes them away, and without it a rebuilt tenant does not work."""
    found = drop_alarms_of([], [Baseline("in the last snapshot", {"escrow": 3})], {"escrow": left}, 1.0)
    assert [alarm.subject for alarm in found] == (["escrow"] if alarms else [])
    assert all("state/escrow" in alarm.detail for alarm in found)


def test_one_alarm_names_the_youngest_baseline_that_was_left_behind() -> None:
    """Three alarms about one drop are read as three drops."""
    baselines = [Baseline("a", {"users": 81}), Baseline("b", {"users": 90}), Baseline("c", {"users": 200})]
    (alarm,) = drop_alarms_of([], baselines, {"users": 70}, 0.2)
    assert alarm.detail == "users shrank from 90 objects b to 70"


def run_of(sequence: int, days_ago: float, users: int, **more: Any) -> RunRecord:
    """A line of the history."""
    at = text_of_time(NOW - timedelta(days=days_ago))
    document = {
        "outcome": "complete",
        "sequence": sequence,
        "started_at": at,
        "ended_at": at,
        "taken_at": at,
        "collections": {"users": {"objects": users}},
        "gaps": [],
        **more,
    }
    return RunRecord.from_json(json.dumps(document).encode())


FULL = EpochFull(4, "m", "b", 1, "t", "s", [], text_of_time(NOW - timedelta(days=5)), text_of_time(NOW))
HEAD = Head("a" * 32, sequence=9, full=FULL, objects={"users": 90})
FAILED = RunRecord.from_json(json.dumps(line_of_failure(NOW, NOW, RunError.of_silence())).encode())


def test_a_snapshot_is_compared_with_the_last_the_epochs_full_and_one_of_30_days_ago() -> None:
    """A collection that loses a tenth every day never drops against yesterday."""
    history = [
        run_of(1, 31, 200),
        run_of(2, 30, 190),
        run_of(3, 29.9, 180),
        run_of(4, 5, 120),
        run_of(9, 1, 90),
        FAILED,
    ]
    assert baselines_of(HEAD, history, ["users"], NOW) == [
        ("in the last snapshot", {"users": 90}),
        ("in the epoch's full", {"users": 120}),
        ("30 days ago", {"users": 190}),
    ]


def test_without_a_history_the_last_snapshot_is_compared_with() -> None:
    """It may have been lost with a disk; the ledger still counts."""
    assert baselines_of(HEAD, [FAILED], ["users"], NOW) == [("in the last snapshot", {"users": 90})]
    assert baselines_of(Head("a" * 32), [], ["users"], NOW) == [("in the last snapshot", {})]


def test_a_count_with_a_gap_is_no_baseline_and_neither_is_what_the_settings_leave_out() -> None:
    """The first counts too few; the second has not dropped, and is an alarm of its own."""
    with_gap = run_of(4, 5, 7, gaps=[WHOLE._asdict()])
    with_left = run_of(2, 40, 70, gaps=[LEFT._asdict()])
    assert [baseline.objects for baseline in baselines_of(HEAD, [with_left, with_gap], ["users"], NOW)] == [
        {"users": 90},
        {},
        {"users": 70},
    ]
    assert [baseline.objects for baseline in baselines_of(HEAD, [with_left], ["groups"], NOW)] == [{}, {}]


def test_what_the_settings_leave_out_is_an_alarm_as_long_as_it_is_new() -> None:
    """`-groups.members` empties no collection, so that no count would tell."""
    catalogue = load_catalogue()
    assert left_out_of(catalogue, catalogue.chosen(["all"])) == []
    left_out = left_out_of(catalogue, catalogue.chosen(["all", "-groups.members", "-roleAssignments", "-contacts"]))
    assert left_out == ["contacts", "groups.members", "roleAssignments"]
    had_all, had_not = run_of(1, 29, 90), run_of(2, 3, 90, left_out=left_out)
    alarms = left_out_alarms_of(left_out, [had_all, had_not, FAILED], {}, NOW)
    assert [(alarm.kind, alarm.subject) for alarm in alarms] == [("left-out", name) for name in left_out]
    assert left_out_alarms_of(left_out, [run_of(1, 30, 90), had_not], {}, NOW) == []
    assert left_out_alarms_of(left_out, [], {}, NOW) == [], "who never archived it leaves out nothing new"
    (alarm,) = left_out_alarms_of(left_out, [], {"contacts": 3}, NOW)
    assert alarm.subject == "contacts"


def test_a_log_that_is_not_read_any_more_is_left_out_as_a_collection_is() -> None:
    """No object goes with it, and Graph forgets within a month what nobody reads."""
    catalogue, logs = load_catalogue(), ("directoryAudits", "signIns")
    left_out = left_out_of(catalogue, catalogue.chosen(["all", "-directoryAudits"]), logs)
    assert left_out == ["directoryAudits"]
    had_all, had_not = run_of(1, 29, 90), run_of(2, 3, 90, left_out=left_out)
    assert [alarm.subject for alarm in left_out_alarms_of(left_out, [had_all, had_not], {}, NOW, logs)] == left_out
    assert left_out_alarms_of(left_out, [run_of(1, 30, 90), had_not], {}, NOW, logs) == []
    (alarm,) = left_out_alarms_of(left_out, [], {}, NOW, logs)
    assert alarm.kind == "left-out", "the ledger knows it where the history is lost"


@pytest.mark.parametrize(
    ("before", "skew", "details"),
    [
        (None, None, []),
        (timedelta(0), None, []),
        (timedelta(seconds=1), None, ["the one before it 2026-11-21T03:00:01Z"]),
        (timedelta(days=-1), timedelta(minutes=5), []),
        (timedelta(days=-1), timedelta(seconds=301), ["5 minutes behind Graph's"]),
        (None, timedelta(seconds=-301), ["5 minutes ahead of Graph's"]),
        (timedelta(days=1095), timedelta(days=1095), ["before it 2029-11-20T03:00:00Z", "1,095 days behind"]),
    ],
)
def test_a_date_before_the_last_one_or_far_from_graphs_alarms(
    before: timedelta | None, skew: timedelta | None, details: list[str]
) -> None:
    """The archive is a series: whoever looks for "the last one of that day" trusts its dates."""
    alarms = clock_alarms_of(NOW, None if skew is None else NOW + skew, None if before is None else NOW + before)
    assert [alarm.kind for alarm in alarms] == ["clock"] * len(details)
    assert all(part in alarm.detail for part, alarm in zip(details, alarms, strict=True))


def test_the_date_of_the_last_snapshot_comes_from_the_ledger_or_the_history() -> None:
    """The ledger knows it of a full; of a delta the history does, and else the full is the least that is known."""
    delta = run_of(9, 1, 90)
    assert date_of_last_snapshot(Head("a" * 32), [delta]) is None
    assert date_of_last_snapshot(HEAD, [run_of(8, 2, 90), delta, FAILED]) == NOW - timedelta(days=1)
    assert date_of_last_snapshot(HEAD, [run_of(8, 2, 90)]) == NOW - timedelta(days=5)
    only_full = Head("a" * 32, sequence=4, full=FULL)
    assert date_of_last_snapshot(only_full, [run_of(4, 1, 90)]) == NOW - timedelta(days=5)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=119), "119 seconds"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_a_span_is_said_in_the_largest_unit_that_there_are_two_of(span: timedelta, words: str) -> None:
    """ "1,576,800 minutes" is not read as three years."""
    assert words_of_span(span) == words
