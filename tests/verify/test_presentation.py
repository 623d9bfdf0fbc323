"""What people read of a verdict, against golden files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from verify.bundle_state import EXPIRED, MISSING, PRESENT
from verify.bundle_statement import BundleDigest
from verify.check import FAIL, NOT_CHECKED, PASS, Check
from verify.gap import Gap
from verify.headline import headline_of
from verify.manifest import DELTA, FULL, Count, LeansOn, Manifest
from verify.presentation import text_of
from verify.snapshot_line import SnapshotLine
from verify.verdict import Verdict

GOLDEN = Path(__file__).parent / "golden"

_TIME = datetime(2026, 11, 21, 2, 17, 9, tzinfo=UTC)
FULL_MANIFEST = Manifest(
    index=1, sha256="ab" * 32, archive_id="0123456789abcdef" * 2, tenant="11111111-2222-3333-4444-555555555555",
    simulated=False, sequence=1, previous=None, kind=FULL, epoch=1, leans_on=None, started_at=_TIME, taken_at=_TIME,
    graph_date=None, counts={"users": Count(100_000, 299_123)}, parts={"users": ("manager",)}, gaps=(),
    state_root=bytes(32), state_count=411_312, bundle=BundleDigest("cd" * 32, "ef" * 64, 107_000_000, "01" * 32, 1633),
    recipients=("23" * 32,),
    retain_until=_TIME + timedelta(days=400), catalogue_version="1", software="strongroom 1",
)  # fmt: skip
_DELTA = replace(
    FULL_MANIFEST,
    index=2,
    sequence=2,
    kind=DELTA,
    leans_on=LeansOn(1, "ab" * 32, "cd" * 32),
    taken_at=_TIME + timedelta(days=1),
    gaps=(
        Gap("conditionalAccessPolicies", None, None, "forbidden", "403 Policy.Read.All is missing"),
        Gap("groups", "members", "6c1e1f4c", "throttled-out", "429 after 10 tries"),
    ),
)
_PASSED = Check("C01", PASS, True, None, "1 trust root, from sha256:0123456789abcdef… that was given")
_NOT_ASKED = Check("C14", NOT_CHECKED, False, None, "not asked for")
_FAILED = Check(
    "C08", FAIL, True, "bundles/sha256/cd/x.age", "bundles/sha256/cd/x.age: its SHA-256 is not its name (F-NAME-1)",
    "DigestError", "Fetch the named file from another store; the bytes here are damaged or replaced.",
)  # fmt: skip
_ELSEWHERE = replace(_FAILED, id="C06", subject="log/entries/00000002.dsse.json", detail="another tenant")
_SKIPPED = Check("C23", NOT_CHECKED, True, None, "a bundle that is needed is missing or damaged (C08)")
_OF_OTHERS = Check(
    "C21", NOT_CHECKED, True, None, "snapshot 2: sealed to recipient 0123…, and the identity given is that of 89ab…",
    "WrongIdentityError", "Use the identity of the key period in which the snapshot was sealed.",
)  # fmt: skip
_UNREAD = Check("C23", NOT_CHECKED, True, None, "what was not opened can't be read (C21)")

VERDICTS = {
    "pass": Verdict(
        0, (_PASSED, _NOT_ASKED), "0123456789abcdef" * 2, "ab" * 32, [SnapshotLine(FULL_MANIFEST, PRESENT, True, True)]
    ),
    "fail": Verdict(
        1,
        (_PASSED, _ELSEWHERE, _FAILED, _NOT_ASKED, _SKIPPED),
        "0123456789abcdef" * 2,
        "ab" * 32,
        [
            SnapshotLine(_DELTA, MISSING, True, False),
            SnapshotLine(replace(FULL_MANIFEST, simulated=True), EXPIRED, False, False),
        ],
        strays=["READ ME.txt"],
        orphans=[f"bundles/sha256/ab/{number}.age" for number in range(7)],
        pending=["log/entries/00000003.dsse.json"],
    ),
    "of-a-delta": Verdict(
        1,
        (_PASSED, _NOT_ASKED),
        "0123456789abcdef" * 2,
        "ab" * 32,
        [
            SnapshotLine(replace(_DELTA, sequence=3), PRESENT, False, False),
            SnapshotLine(_DELTA, PRESENT, True, True),
            SnapshotLine(FULL_MANIFEST, PRESENT, False, True),
        ],
        behind=2,
    ),
    "incomplete": Verdict(1, (_PASSED, _SKIPPED), None, "ab" * 32),
    "of-others": Verdict(1, (_PASSED, _NOT_ASKED, _OF_OTHERS, _UNREAD), "0123456789abcdef" * 2, "ab" * 32),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_a_verdict_reads_as_its_golden_file(name: str) -> None:
    """Wording is part of the product: a change to it is made on purpose."""
    assert text_of(VERDICTS[name]) == (GOLDEN / f"verdict-{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("more", [_FAILED, replace(_NOT_ASKED, required=True)], ids=["failed", "not checked"])
def test_a_wrong_identity_is_no_excuse_for_anything_else(more: Check) -> None:
    """That signatures, log and digests hold is said only if they do, and if nothing else was asked for in vain."""
    verdict = Verdict(1, (_PASSED, more, _OF_OTHERS, _UNREAD), None, "ab" * 32)
    assert "hold" not in headline_of(verdict)


def test_a_name_from_an_archive_moves_no_cursor() -> None:
    """A stray file may bear any name; what a terminal would obey is shown as the front door shows it."""
    verdict = replace(VERDICTS["pass"], strays=["a\x1b[2Jb\nverdict: PASS"])
    assert "a\\x1b[2Jb\\nverdict: PASS" in text_of(verdict) and "\x1b" not in text_of(verdict)
