"""How old the newest snapshot may be, to the second, and what a store that lags behind is taken for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.verify.test_presentation import FULL_MANIFEST
from verify.check import FAIL, NOT_CHECKED, PASS, CheckList
from verify.freshness import prove_freshness
from verify.history import History

_TAKEN_AT = FULL_MANIFEST.taken_at
_SECOND = timedelta(seconds=1)


def _results(age: timedelta, max_age_hours: float | None, behind: int | None = None) -> dict[str, str]:
    """What is noted of C13 and C17 when the newest snapshot is of that age."""
    checks = CheckList(frozenset())
    prove_freshness(checks, History(manifests=[FULL_MANIFEST]), _TAKEN_AT + age, max_age_hours, behind)
    return {check.id: check.result for check in checks.checks()}


@pytest.mark.parametrize(
    ("age", "result"),
    [
        (timedelta(hours=24), PASS),
        (timedelta(hours=24) + _SECOND, FAIL),
        (timedelta(hours=-24), PASS),
        (timedelta(hours=-24) - _SECOND, FAIL),
    ],
    ids=["at the limit", "a second too old", "a clock that is a day wrong", "from the future"],
)
def test_the_newest_snapshot_may_be_a_day_old(age: timedelta, result: str) -> None:
    """One that claims to be of the future would stay fresh for ever; a host's clock may be wrong for all that."""
    assert _results(age, 24)["C13"] == result


@pytest.mark.parametrize(
    ("max_age_hours", "age", "result"),
    [(None, 400, NOT_CHECKED), (24, 1, PASS), (24, 25, FAIL)],
    ids=["no age asked for", "young enough", "too old"],
)
def test_a_store_that_is_behind_fails_only_past_the_greatest_age(
    max_age_hours: float | None, age: int, result: str
) -> None:
    """A replica lags for hours, a rollback stays; who asks for an age gets told which it is."""
    assert _results(timedelta(hours=age), max_age_hours, behind=1)["C17"] == result


def test_a_store_that_lacks_nothing_is_complete() -> None:
    """Whether or not an age was asked for."""
    assert _results(timedelta(hours=1), None, behind=0)["C17"] == PASS
    assert _results(timedelta(hours=1), None, behind=None)["C17"] == NOT_CHECKED
