"""How far a reading is: the display tells what is known, and no more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archiver.gathering import gather as gathering
from archiver.gathering.progress import Progress
from tests.archiver.gather_kit import gathered_from
from tests.graph.small_tenant import SmallTenant


class Watch:
    """A clock that stands until it is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def progress(watch: Watch) -> Progress:
    progress = Progress(watch)
    progress.collections_of = 2
    return progress


def test_a_list_whose_length_graph_has_told_says_how_much_is_left(progress: Progress, watch: Watch) -> None:
    """Half of it in ten seconds: the other half takes ten more."""
    progress.begin("users")
    progress.tell("users", 1000)
    progress.meet("users", 500)
    watch.now += 10
    assert progress.line(7, []) == (
        "reading: 0 of 2 collections, 500 of 1,000 objects, 50/s, 7 requests, about 10 s left"
    )


def test_while_a_list_of_unknown_length_is_under_way_no_time_is_promised(progress: Progress, watch: Watch) -> None:
    """An estimate from what happens to be known would shrink and grow with every page."""
    progress.begin("users")
    progress.meet("users", 500)
    progress.ask(100)
    watch.now += 10
    assert progress.line(7, []) == "reading: 0 of 2 collections, 500 of 600 or more objects, 50/s, 7 requests"


def test_a_list_that_ended_is_as_long_as_it_was(progress: Progress, watch: Watch) -> None:
    """Graph's count lags; what was not there is not left to do."""
    progress.begin("users")
    progress.tell("users", 1000)
    progress.meet("users", 990)
    progress.end("users")
    progress.collections_done = 1
    watch.now += 10
    assert progress.line(1, []) == "reading: 1 of 2 collections, 990 of 990 objects, 99/s, 1 request"


def test_the_rate_is_that_of_the_last_half_minute(progress: Progress, watch: Watch) -> None:
    """A 429 an hour ago says nothing about what is left; one just now does."""
    progress.ask(100_000)
    progress.answer(50_000)
    for _ in range(40):
        watch.now += 1
        progress.line(1, [])
    progress.answer(300)
    watch.now += 1
    assert ", 10/s," in progress.line(1, [])


def test_passes_of_different_speed_give_a_range(progress: Progress, watch: Watch) -> None:
    """The quick ones end first, and what is left then goes at the pace of the slow one, or a little faster."""
    for name, met in (("users", 100), ("users.manager", 900)):
        progress.begin(name)
        progress.tell(name, 1000)
        progress.meet(name, met)
    watch.now += 10
    assert progress.line(7, []).endswith("1,000 of 2,000 objects, 100/s, 7 requests, 10 s to 2 min left")
    progress.end("users.manager")
    progress.ask(50)
    assert progress.line(7, []).endswith(" requests, at least 10 s left")


def test_what_makes_requests_wait_is_named(progress: Progress) -> None:
    """Whether to ask Microsoft, the network team or nobody."""
    assert progress.line(1, ["directory", "reports"]).endswith(", limited by directory, reports")


@pytest.mark.parametrize(("left", "words"), [(59, "59 s"), (60, "1 min"), (3599, "60 min"), (5400, "1.5 h")])
def test_time_left_is_told_in_words_that_fit(progress: Progress, watch: Watch, left: int, words: str) -> None:
    """Nobody reads seconds of an hour."""
    progress.ask(1 + left)
    progress.answer(1)
    watch.now += 1
    assert f"about {words} left" in progress.line(1, [])


def test_a_whole_reading_ends_with_all_that_it_said_it_would_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists, passes, objects one by one and streams all count, and all come to their end."""
    monkeypatch.setattr(gathering, "WATCH_SECONDS", 0.001)
    lines: list[str] = []

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/applications"] = [{"id": f"a{n}"} for n in range(250)]
        tenant.lists["/users"] = [{"id": f"u{n}"} for n in range(120)]

    gathered, _, tenant = gathered_from(tmp_path, ["applications", "users"], prepare, watch=lines.append)
    assert gathered.gaps == ()
    last = re.match(r"reading: (\d+) of (\d+) collections, ([\d,]+) of ([\d,]+)", lines[-1])
    assert last is not None
    assert last[2] == "2" and last[3] == last[4]
    assert "/v1.0/users/$count" in tenant.asked
