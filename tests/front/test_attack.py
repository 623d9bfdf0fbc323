"""`tenant attack`: plays a script in the simulated tenant that `tenant simulate` runs."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from recovery.rehearsal.serving.server import LARGEST_REQUEST_BYTES
from tests.front.outcome import Call


def test_a_named_script_is_played_once_after_a_day(call: Call, tenant_folder: Path) -> None:
    """By hand what the demo does; its document says exactly what a difference has to find."""
    document = call("tenant", "attack", "--dir", tenant_folder, "--days", "1", "--json").document
    assert (document["name"], document["days"]) == ("two-changes-and-an-attack", 1)
    assert document["drift"]
    assert {"change": "added", "collection": "roleAssignments"}.items() <= next(
        change for change in document["changes"] if change["collection"] == "roleAssignments"
    ).items()
    again = call("tenant", "attack", "--dir", tenant_folder, "--json")
    assert again.status == 2 and "plays once" in again.error["next_step"]


def test_a_script_of_ones_own_is_played(call: Call, tenant_folder: Path, tmp_path: Path) -> None:
    """Everybody fears something else."""
    policy = {"op": "weaken-policy", "where": "state eq 'enabled'", "state": "disabled"}
    (tmp_path / "script.json").write_text(json.dumps([policy]))
    done = call("tenant", "attack", "--dir", tenant_folder, "--script", tmp_path / "script.json")
    assert done.status == 0
    assert done.out.splitlines()[1].split() == ["conditionalAccessPolicies", "state", "changed", "1"]


@pytest.mark.parametrize("content", ["{", "[" * 100_000, '{"op": "set"}', '[{"op": "nonsense"}]', "[1]", None])
def test_a_script_that_can_not_be_played_is_a_usage_error(
    call: Call, tenant_folder: Path, tmp_path: Path, content: str | None
) -> None:
    """Also a file that is not there."""
    if content is not None:
        (tmp_path / "script.json").write_text(content)
    assert call("tenant", "attack", "--dir", tenant_folder, "--script", tmp_path / "script.json").status == 2


@pytest.mark.parametrize(
    ("value", "words"),
    [("x" * LARGEST_REQUEST_BYTES, "longer than"), ("é" * (LARGEST_REQUEST_BYTES // 4), "413")],
    ids=["at once", "escaped"],
)
def test_a_script_that_is_too_long_for_the_tenant_is_a_usage_error(
    call: Call, tenant_folder: Path, tmp_path: Path, value: str, words: str
) -> None:
    """Whether that shows in the file, or only when every character that is not ASCII has been escaped."""
    operation = {"op": "set", "collection": "users", "id": "u", "attribute": "department", "value": value}
    (tmp_path / "script.json").write_text(json.dumps([operation], ensure_ascii=False), encoding="utf-8")
    done = call("tenant", "attack", "--dir", tenant_folder, "--script", tmp_path / "script.json", "--json")
    assert done.status == 2 and words in done.error["message"]


def test_a_script_that_is_no_regular_file_is_not_waited_for(call: Call, tmp_path: Path) -> None:
    """Reading a FIFO ends when somebody writes to it, and nobody may."""
    os.mkfifo(tmp_path / "script.json")
    done = call("tenant", "attack", "--script", tmp_path / "script.json", "--json")
    assert done.status == 2 and "not a regular file" in done.error["message"]


@pytest.mark.parametrize(
    "words", [["--days", "-1"], ["--days", "99999"], ["--days", "x"], ["--name", "x"], ["--dir", ""]]
)
def test_a_word_that_names_nothing_is_a_usage_error(call: Call, words: list[str]) -> None:
    """Before anything is asked of a tenant."""
    assert call("tenant", "attack", *words).status == 2


def test_where_no_tenant_runs_it_is_said(call: Call, tmp_path: Path) -> None:
    """The folder is another one, or the tenant was stopped; a killed one leaves its file behind."""
    done = call("tenant", "attack", "--dir", tmp_path, "--json")
    assert done.status == 13 and "tenant simulate" in done.error["next_step"]
    for content in ("", "[]", '{"process_id": 1}'):
        (tmp_path / "control.json").write_text(content)
        assert call("tenant", "attack", "--dir", tmp_path).status == 13


def test_the_file_that_opens_the_controls_is_for_its_owner_and_goes_with_the_tenant(
    call: Call, tenant_folder: Path, tmp_path: Path
) -> None:
    """It holds the control token; left behind by a kill it leads nowhere, and that is said."""
    control = tenant_folder / "control.json"
    assert stat.S_IMODE(control.stat().st_mode) == 0o600
    (tmp_path / "left").mkdir()
    for name in ("control.json", "ca.pem"):
        (tmp_path / "left" / name).write_bytes((tenant_folder / name).read_bytes())
    process_id = json.loads(control.read_bytes())["process_id"]
    subprocess.run(["kill", str(process_id)], check=True)
    for _ in range(100):
        if not control.exists():
            break
        subprocess.run(["sleep", "0.1"], check=True)
    assert not control.exists()
    done = call("tenant", "attack", "--dir", tmp_path / "left", "--json")
    assert done.status == 13 and done.error["class"] == "SimulatorStartError"


def test_a_script_that_stops_half_way_says_what_it_did(call: Call, tenant_folder: Path, tmp_path: Path) -> None:
    """Whoever mends the script and plays it again must know what stands already."""
    group = {"op": "set", "collection": "groups", "where": "securityEnabled eq true", "attribute": "description"}
    (tmp_path / "script.json").write_text(json.dumps([{**group, "value": "x"}, {"op": "nonsense"}]))
    done = call("tenant", "attack", "--dir", tenant_folder, "--script", tmp_path / "script.json", "--json")
    assert done.error["message"].startswith(
        "operation 2 of 2 (1 operation before it is applied) lacks or does not know"
    )
    (tmp_path / "script.json").write_text(json.dumps([{"op": "nonsense"}]))
    done = call("tenant", "attack", "--dir", tenant_folder, "--script", tmp_path / "script.json", "--json")
    assert done.error["message"].startswith("operation 1 of 1 (nothing is applied)")
