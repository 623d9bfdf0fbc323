"""The demo: the first thing that anybody sees of this program, so it must work, work again, and say what is true."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.front.outcome import Call

FEWEST = "40"
TELLING = (
    "Tier 0 administrators",
    "/scope: +Mail.Send +Files.Read.All −User.Read",
    "in Deploy pipeline",
    "RoleManagement.ReadWrite.Directory in Microsoft Graph",
)
"""What the intruder did for power, in the words and the order in which it is told."""


@pytest.mark.slow
def test_it_works_and_works_again_and_what_it_offers_to_try_works(call: Call) -> None:
    """A second `make demo` is as likely as the first; every line it prints is pasted by somebody."""
    folders = []
    for name in ("strongroom-demo", "strongroom-demo-2"):
        done = call("demo", "--users", FEWEST)
        folder = Path.cwd() / name
        assert done.status == 0 and f"Everything lies in {folder}." in done.out
        assert "verdict: PASS" in done.out and "one bit flipped in a copy: FAIL, C08" in done.out
        pages = [line.strip() for line in done.out.splitlines() if line.endswith(".html") and line.startswith("  /")]
        assert len(pages) == 3 and all(Path(page).read_text(encoding="utf-8") for page in pages)
        telling = done.out[done.out.index("The most telling of them:") :].splitlines()[1:11]
        places = [next(at for at, line in enumerate(telling) if word in line) for word in TELLING]
        assert places == sorted(places)
        planted = next(line for line in telling if "Global Administrator → " in line).partition(" → ")[2].strip()
        assert f"members: +{planted} (role-assignable group)" in telling[places[0]]
        folders.append(folder)
    lines = done.out[done.out.index("\nTry:\n") :].splitlines()[2:5]
    for line, status in zip(lines, (0, 0, 0), strict=True):
        words = shlex.split(line)
        assert words[0].endswith("strongroom") and call(*words[1:]).status == status, line
    assert sorted(path.name for path in folders[0].iterdir()) == ["archive", "host", "offline", "reports", "tenant"]


@pytest.mark.slow
def test_its_document_is_the_one_that_is_promised(call: Call, tmp_path: Path) -> None:
    """Other programs read it (COMMANDS.md section 4)."""
    document = call("demo", "--users", FEWEST, "--dir", tmp_path / "a b", "--json").document
    assert set(document) == {
        "folder", "fingerprint", "runs", "attack", "verdict", "verdict_of_the_damaged_copy",
        "without_network", "summary",
    }  # fmt: skip
    assert (document["folder"], document["verdict"]) == (str(tmp_path / "a b"), "PASS")
    assert [run["sequence"] for run in document["runs"]] == [1, 2]
    assert json.loads((tmp_path / "a b" / "reports" / "verdict.json").read_bytes())["verdict"] == "PASS"


@pytest.mark.parametrize(
    "words", [["--users", "39"], ["--users", "0"], ["--users", "-5"], ["--users", "x"], ["--dir", ""]]
)
def test_what_it_can_not_tell_is_said_before_it_begins(call: Call, words: list[str]) -> None:
    """The story deletes some users: a tenant that is too small fails in the middle."""
    assert call("demo", *words).status == 2
    assert list(Path.cwd().iterdir()) == []


def test_a_folder_that_holds_something_is_refused(call: Call, tmp_path: Path) -> None:
    """It writes over nothing."""
    done = call("demo", "--dir", tmp_path, "--json")
    assert done.status == 4 and str(tmp_path) in done.error["message"]
    (tmp_path / "file").write_text("mine")
    assert call("demo", "--dir", tmp_path / "file").status == 4
    assert call("demo", "--dir", tmp_path / "file" / "below").status == 4
    assert (tmp_path / "file").read_text() == "mine"
