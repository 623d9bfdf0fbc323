"""The report of a verdict: what it says, what it leaves open, and that it is never green by absence."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from recovery.reports.count_chart import COLLECTIONS_DRAWN
from recovery.reports.gap_table import GAP_ROWS
from recovery.reports.page import document_digest
from recovery.reports.snapshot_table import SNAPSHOT_ROWS
from recovery.reports.verdict_page import verdict_page
from tests.reports.golden import assert_golden
from tests.reports.parsed_page import ParsedPage
from tests.reports.specimen import GENERATED_AT, Json, check, snapshot, verdict
from verify.check import PROVES
from verify.errors import DigestError, MalformedError


def text_of(document: Json) -> str:
    return ParsedPage(verdict_page(document)).text


def _of_a_delta() -> list[Json]:
    """Eight snapshots of which the seventh was asked for, a delta on the first."""
    return [{**snapshot(number), "covered": number == 7, "read": number in (1, 7)} for number in range(1, 9)]


@pytest.mark.parametrize("word", ["PASS", "FAIL", "INCOMPLETE"])
def test_a_verdict_makes_the_page_that_was_approved(word: str) -> None:
    """The same document gives the same bytes, on every machine; a change of the page is a change to look at."""
    page = verdict_page(verdict(word), generated_at=GENERATED_AT)
    assert_golden(f"verdict-{word.lower()}.html", page)
    assert ParsedPage(page).problems == []


def test_a_failed_check_says_what_to_do_at_the_top_of_the_page() -> None:
    """Whoever opens the page at night reads the first screen."""
    text = text_of(verdict("FAIL"))
    top = text[: text.index("What this means")]
    assert "What failed" in top
    assert DigestError.default_next_step in top


def test_failed_checks_stand_before_those_that_passed() -> None:
    """In a group of a dozen checks the one that matters is the first."""
    text = text_of(verdict("FAIL"))
    files = text[text.index("Whether the encrypted files") :]
    assert files.index("C08") < files.index("C09")


def test_what_nobody_asked_for_stands_behind_what_passed() -> None:
    """Five grey lines before the first green one look as if something were wrong."""
    text = text_of(verdict("PASS"))
    evidence = text[text.index("Who signed what") :]
    assert evidence.index("C12") < evidence.index("C13")


def test_every_check_says_in_a_sentence_what_it_is() -> None:
    """The page is read where no specification is at hand."""
    text = text_of(verdict("PASS"))
    assert [id_ for id_, proves in PROVES.items() if f"Whether {proves}." not in text] == []


def test_a_wrong_identity_is_told_apart_from_a_check_that_nobody_could_make() -> None:
    """Whoever took the wrong key needs another key; whoever lacks a witness needs to know that he lacks one."""
    key = {"error": "WrongIdentityError", "next_step": "Use another identity."}
    checks = [check(id_, "NOT CHECKED", **key) if id_ == "C21" else check(id_, "PASS") for id_ in PROVES]
    assert "Signatures, log and files hold." in text_of(verdict("INCOMPLETE", checks=checks))
    witness = check("C14", "NOT CHECKED", required=True)
    assert "Signatures, log and files hold." not in text_of(verdict("INCOMPLETE", checks=[*checks, witness]))
    assert "Signatures, log and files hold." not in text_of(verdict("FAIL", checks=[*checks, check("C08", "FAIL")]))


def test_a_claim_is_made_only_if_every_check_behind_it_passed() -> None:
    """A sentence for managers that no check carries would be a false assurance."""
    claim = "present and holds exactly the bytes"
    assert claim in text_of(verdict("PASS"))
    assert claim not in text_of(verdict("FAIL"))
    without = [one for one in verdict()["checks"] if one["id"] != "C09"]
    assert claim not in text_of(verdict(checks=without))


def test_a_claim_names_the_snapshots_that_it_is_about() -> None:
    """At level 1 one snapshot is looked at; a page that speaks of all would say more than was proved."""
    text = text_of(verdict(snapshots=_of_a_delta()))
    assert "The content of snapshot 7 was opened" in text
    assert "<dt>Snapshots asked for</dt><dd>snapshot 7</dd>" in verdict_page(verdict(snapshots=_of_a_delta()))
    assert "those of snapshots 1, 7, out of 8 snapshots" in text
    assert "is present, in the size that was signed for. Of these, snapshots 1, 7 were read whole" in text


def test_a_full_that_a_delta_leans_on_is_not_counted_among_what_nobody_read() -> None:
    """It was read whole for the delta; a page that calls it unread contradicts its own count of files."""
    text = text_of(verdict(snapshots=_of_a_delta()))
    assert "Anything about the bytes of 6 other snapshots" in text
    assert "The bytes of 6 other snapshots were not read." in text[: text.index("What this means")]
    assert "What the tenant was in snapshot 1: read whole, and proved only as far as snapshot 7 leans on it" in text
    rows = text.partition("Size, to scale")[2]
    assert (rows.count("read whole"), rows.count("bytes not read")) == (2, 6)


def test_what_was_read_is_marked_only_where_something_was_not() -> None:
    """Eight times the same word tells nobody anything."""
    rows = text_of(verdict()).partition("Size, to scale")[2]
    assert "read whole" not in rows and "not read" not in rows


def test_a_page_of_an_older_copy_says_so_first() -> None:
    """C17 passes while the age is right; whoever reads PASS has to see that newer entries were seen elsewhere."""
    checks = [check(id_, "PASS") for id_ in PROVES]
    for word, result in (("PASS", "PASS"), ("FAIL", "FAIL")):
        checks[16] = check("C17", result)
        one = verdict(word, checks=checks, behind=2, fault="not fresh", orphans=["bundles/sha256/00/00.age"])
        text = text_of(one)
        assert "BEHIND what was remembered by 2 entries: an older copy." in text[: text.index("What this means")]
        assert "That this is the newest copy: 2 entries that were seen earlier are not here." in text
        assert "no manifest names, of the entries that are not here, or left by a run" in text
        assert "Every entry of the log that an earlier verification saw is still there" not in text


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("no archive", "No archive lies here"),
        ("other trust root", "This is not the trust root that was named"),
        ("other archive remembered", "This is not the archive that was remembered"),
        ("not fresh", "The archive is not fresh"),
    ],
)
def test_a_fail_says_what_it_comes_to(fault: str, said: str) -> None:
    """A mistyped fingerprint must not read as if somebody had altered the evidence."""
    text = text_of(verdict("FAIL", fault=fault))
    assert said in text[: text.index("What this means")]
    assert "altered, missing or unreadable" not in text and "meant harm" not in text


@pytest.mark.parametrize("fault", ["altered or missing", "a word of a later release", None])
def test_a_fault_that_is_not_known_is_taken_for_the_worst(fault: str | None) -> None:
    """A later release may tell more apart; a page must not make less of it."""
    text = text_of(verdict("FAIL", fault=fault))
    assert "Do not rely on what the failed checks name" in text and "meant harm" in text


def test_a_check_not_done_is_told_among_what_the_verdict_does_not_say() -> None:
    """Silence about locks reads as 'locked' unless the page says otherwise."""
    text = text_of(verdict())
    assert "Whether the files are locked against deletion" in text[text.index("It does not say") :]


def test_a_pass_without_a_check_that_passed_is_not_shown_as_a_pass() -> None:
    """Never green by absence: an empty list of checks proves nothing."""
    page = verdict_page(verdict("PASS", checks=[]))
    assert ">Incomplete<" in page
    assert "holds no check that passed" in page


def test_a_pass_that_holds_a_failed_check_is_shown_as_a_fail() -> None:
    """The headline is made from the checks; a document that contradicts itself gets the worse word."""
    page = verdict_page(verdict("PASS", checks=[check("C01", "PASS"), check("C08", "FAIL")]))
    assert ">Fail<" in page
    assert "yet check C08 failed" in page


def test_a_pass_with_a_required_check_not_done_is_shown_as_incomplete() -> None:
    """A required check that nobody did is not a check that passed."""
    page = verdict_page(verdict("PASS", checks=[check("C01", "PASS"), check("C08", "NOT CHECKED")]))
    assert ">Incomplete<" in page


@pytest.mark.parametrize("simulated", [True, False])
def test_a_simulated_tenant_is_marked_in_title_and_banner(simulated: bool) -> None:
    """A page about a simulator must not end up in an auditor's folder as evidence about a company."""
    text = text_of(verdict(simulated=simulated))
    assert text.count("SIMULATED TENANT") == (2 if simulated else 0)


def test_a_collection_that_could_not_be_read_breaks_its_line() -> None:
    """A line drawn through a gap would show a number that nobody read."""
    page = verdict_page(verdict())
    figure = page[page.index("role<wbr>Eligibility<wbr>Schedules") :]
    figure = figure[: figure.index("</figure>")]
    assert figure.count('class="break"') == 1
    assert figure.count('class="course"') == 2
    assert "2 gaps" in figure


def test_two_snapshots_of_the_same_second_are_drawn_in_their_order() -> None:
    """A demonstration makes both within a second; on an axis of time they would be one upright line."""
    snapshots = [{**snapshot(number), "taken_at": "2026-11-21T02:17:09Z"} for number in (1, 2)]
    page = verdict_page(verdict(snapshots=snapshots))
    assert "the horizontal one is the order of the snapshots" in page
    assert ">snapshot 1</text>" in page
    assert ">snapshot 2</text>" in page


def test_snapshots_of_one_day_are_told_apart_by_the_time_of_day() -> None:
    """With hourly runs the day says nothing."""
    snapshots = [{**snapshot(number), "taken_at": f"2026-11-21T0{number}:00:00Z"} for number in (1, 2)]
    page = verdict_page(verdict(snapshots=snapshots))
    assert ">01:00:00</text>" in page
    assert "the horizontal one is time" in page


def test_the_number_of_gaps_alone_is_enough() -> None:
    """COMMANDS.md section 4 gives snapshots a number of gaps; the list is an addition."""
    text = text_of(verdict(snapshots=[{**snapshot(1), "gaps": 4}]))
    assert "Of snapshot 1 this document gives only the number of gaps" in text


def test_one_snapshot_gives_a_table_of_counts_and_no_chart() -> None:
    """One point is no course over time."""
    page = verdict_page(verdict(snapshots=[snapshot(1)]))
    assert 'class="chart"' not in page
    assert "1,206" in page


def test_ten_years_of_snapshots_stay_a_page_that_says_what_it_leaves_out() -> None:
    """A daily archive has 3,650 snapshots after ten years."""
    snapshots = [{**snapshot(1), "sequence": number} for number in range(1, 3651)]
    page = verdict_page(verdict(snapshots=snapshots))
    assert "3,250 older snapshots are in the JSON document" in page
    assert "Only the newest 400 of 3,650 snapshots are drawn" in page
    assert len(page) < 1_000_000


def test_one_thing_that_is_left_out_is_counted_in_the_singular() -> None:
    """ "1 snapshots are" makes a reader doubt the number."""
    many = [{**snapshot(1), "sequence": number} for number in range(1, SNAPSHOT_ROWS + 2)]
    assert "1 older snapshot is in the JSON document" in text_of(verdict(snapshots=many))
    gaps = [{**snapshot(7)["gaps"][0], "id": str(number)} for number in range(GAP_ROWS + 1)]
    assert "1 more gap is in the JSON document" in text_of(verdict(snapshots=[{**snapshot(1), "gaps": gaps}]))
    counts = {f"collection{number}": {"objects": number, "records": number} for number in range(COLLECTIONS_DRAWN + 1)}
    two = [{**snapshot(number), "counts": counts} for number in (1, 2)]
    assert "1 more collection is in the JSON document" in text_of(verdict(snapshots=two))


def test_files_that_no_check_speaks_of_are_named() -> None:
    """A file left in an archive proves nothing; a reader who finds it asks."""
    text = text_of(verdict(strays=["notes.txt"], orphans=["bundles/sha256/00/00.age"], pending=[]))
    assert "notes.txt" in text
    assert "bundles/sha256/00/00.age" in text


def test_the_digest_on_the_page_is_what_a_stock_tool_gives(tmp_path: Path) -> None:
    """The page can be tied to its document with nothing but Python's own json.tool and sha256sum."""
    document = verdict("FAIL")
    file = tmp_path / "verdict.json"
    file.write_text(json.dumps(document, indent=1), "utf-8")
    command = [sys.executable, "-m", "json.tool", "--sort-keys", "--compact", str(file)]
    printed = subprocess.run(command, capture_output=True, check=True).stdout
    assert document_digest(document) == sha256(printed).hexdigest()
    assert document_digest(document) in verdict_page(document)


@pytest.mark.parametrize(
    "broken",
    [
        {"verdict": "GREEN"},
        {"checks": [{**check("C01", "PASS"), "result": "OK"}]},
        {"checks": "none"},
        {"checks": [None]},
        {"snapshots": [{**snapshot(1), "sequence": True}]},
        {"snapshots": [{**snapshot(1), "records": -1}]},
        {"tenant": 5},
        {"simulated": "no"},
        {"strays": [1]},
        {"behind": "2"},
        {"fault": 1},
    ],
    ids=lambda broken: ascii(broken)[:40],
)
def test_a_document_that_is_not_a_verdict_is_refused(broken: Json) -> None:
    """A word that nobody knows must not be painted in the colour of a good one."""
    with pytest.raises(MalformedError) as caught:
        verdict_page(verdict(**broken))
    assert "JSON document" in caught.value.next_step
