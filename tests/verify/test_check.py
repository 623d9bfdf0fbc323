"""The checks of a verdict and section 13 of FORMAT.md, where a reader looks up what an id means."""

from __future__ import annotations

import re
from pathlib import Path

from tests.vectors.catalogue import VECTORS
from verify.check import LEVELS, NOT_CHECKED, PROVES, TITLES, CheckList
from verify.errors import DigestError, WrongIdentityError

_ROW = re.compile(r"\| `(C[0-9]{2})` ([^|]+) \| ([0-9]) \| ([^|]+) \| ([^|]*) \|")
_RULE = re.compile(r"(F-[A-Z]+-)([0-9]+)(?: to -([0-9]+))?")


def _rows(repository: Path) -> dict[str, tuple[str, int, str, set[str]]]:
    """Title, level, sentence and rules of each check, as the specification has them."""
    text = (repository / "verify" / "FORMAT.md").read_text(encoding="utf-8")
    return {
        id_: (title, int(level), proves, _rules_of(rules)) for id_, title, level, proves, rules in _ROW.findall(text)
    }


def _rules_of(text: str) -> set[str]:
    return {
        f"{stem}{number}"
        for stem, first, last in _RULE.findall(text)
        for number in range(int(first), int(last or first) + 1)
    }


def test_the_specification_explains_every_check_as_the_report_does(repository: Path) -> None:
    """Whoever reads C08 in a verdict finds one sentence on it, the same wherever he looks."""
    rows = {id_: row[:3] for id_, row in _rows(repository).items()}
    assert rows == {id_: (title, LEVELS[id_], PROVES[id_]) for id_, title in TITLES.items()}


def test_each_rule_stands_at_the_check_that_finds_it_broken(repository: Path) -> None:
    """From a failed check to the rule, and from a rule to its check: the vectors know which belong together."""
    found = {(vector.check, vector.must) for vector in VECTORS if vector.verdict == "FAIL"}
    rows = _rows(repository)
    astray = {
        (check, must)
        for check, must in found
        if check is not None and must.startswith("F-") and must != "F-LIM-1" and must not in rows[check][3]
    }
    assert astray == set()


def test_what_stands_in_the_way_of_a_check_is_named_with_its_next_step() -> None:
    """A check that the caller could have made possible tells him how; its class is there for programs."""
    checks = CheckList(frozenset(("C21",)))
    checks.not_checked("C21", "sealed to somebody else", error=WrongIdentityError("sealed to somebody else"))
    (check,) = checks.checks()
    assert (check.result, check.error, check.next_step) == (
        NOT_CHECKED, "WrongIdentityError", WrongIdentityError.default_next_step
    )  # fmt: skip


def test_files_that_are_not_listed_one_by_one_are_remembered_as_failed() -> None:
    """A list of a thousand damaged bundles is cut; none of them may be shown as present for that."""
    checks = CheckList(frozenset(("C08",)))
    names = {f"bundles/{number}.age" for number in range(1000)}
    for name in sorted(names):
        checks.failed("C08", DigestError(f"{name}: missing"), name)
    assert len(checks.failures("C08")) < len(names)
    assert checks.subjects("C08") == names
    assert "900 more" in checks.checks()[-1].detail
