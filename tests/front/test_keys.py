"""`keys prove`: an archive is not sealed for nobody."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

from archiver.founding import FoundingPlan, found
from archiver.state.identity_trace import IdentityTrace
from archiver.state.ledger_view import view_of
from archiver.state.state_folder import StateFolder
from strongroom.clock import now
from tests.front.outcome import Call
from tests.unprivileged import run_unprivileged
from vault.trust import new_identity
from verify.identity import Identity, identity_text_of


@pytest.fixture
def identities(tmp_path: Path) -> list[Identity]:
    """Two identities in files 0.txt and 1.txt, and an archive in host/ that is to be sealed to both."""
    made = [new_identity(), new_identity()]
    for number, identity in enumerate(made):
        (tmp_path / f"{number}.txt").write_text(identity_text_of(identity) + "\n")
    found(FoundingPlan(tmp_path / "host", tmp_path / "offline", tuple(one.recipient for one in made)), now)
    return made


def proved_in(folder: Path) -> list[str]:
    head = view_of(folder / "host" / "state" / "ledger").head
    return sorted(head.proved) if head else []


def prove(call: Call, folder: Path, identity: str | Path) -> tuple[int, dict[str, str]]:
    done = call("keys", "prove", "--identity", identity, "--config", folder / "host" / "strongroom.toml", "--json")
    return done.status, {one["fingerprint"]: one["outcome"] for one in done.document["recipients"]}


def test_an_identity_proves_its_own_recipient_and_exit_3_says_that_one_is_left(
    call: Call, tmp_path: Path, identities: list[Identity]
) -> None:
    """A run seals to both, so both have to be proved."""
    first, second = (one.recipient.fingerprint for one in identities)
    assert prove(call, tmp_path, tmp_path / "0.txt") == (3, {first: "proved", second: "not opened"})
    assert proved_in(tmp_path) == [first]
    assert prove(call, tmp_path, tmp_path / "1.txt") == (3, {first: "not opened", second: "proved"})
    assert proved_in(tmp_path) == sorted([first, second])


def test_both_identities_in_one_file_prove_both(call: Call, tmp_path: Path, identities: list[Identity]) -> None:
    """An identity file holds any number of them."""
    both = tmp_path / "both.txt"
    both.write_text("\n".join(identity_text_of(one) for one in identities))
    assert prove(call, tmp_path, both)[0] == 0
    status, outcomes = prove(call, tmp_path, both)
    assert status == 0 and set(outcomes.values()) == {"proved before"}
    assert view_of(tmp_path / "host" / "state" / "ledger").head.log_size == 2  # type: ignore[union-attr]


def test_another_identity_proves_nothing(call: Call, tmp_path: Path, identities: list[Identity]) -> None:
    """Exit 41, and the log does not grow."""
    (tmp_path / "other.txt").write_text(identity_text_of(new_identity()))
    done = call(
        "keys",
        "prove",
        "--identity",
        tmp_path / "other.txt",
        "--json",
        "--config",
        tmp_path / "host" / "strongroom.toml",
    )
    assert done.error["code"] == 41 and proved_in(tmp_path) == []
    assert IdentityTrace(tmp_path / "host" / "state").paths() == [] and not done.err


def test_a_state_that_can_not_be_written_is_a_named_error(
    call: Call, tmp_path: Path, identities: list[Identity]
) -> None:
    """Nothing is proved that could not be traced."""
    (tmp_path / "host" / "state" / "identities.txt").mkdir()
    config = tmp_path / "host" / "strongroom.toml"
    done = call("keys", "prove", "--identity", tmp_path / "0.txt", "--json", "--config", config)
    assert done.error["code"] == 23 and proved_in(tmp_path) == []


def test_an_exchanged_canary_is_noticed(call: Call, tmp_path: Path, identities: list[Identity]) -> None:
    """A canary that somebody else sealed proves nothing about this archive."""
    first, second = (tmp_path / "host" / "keys" / f"{one.recipient.fingerprint}.canary.age" for one in identities)
    first.write_bytes(second.read_bytes())
    done = call(
        "keys",
        "prove",
        "--identity",
        tmp_path / "0.txt",
        "--json",
        "--config",
        tmp_path / "host" / "strongroom.toml",
    )
    assert done.error["code"] == 31 and proved_in(tmp_path) == []


def test_an_identity_in_a_file_is_warned_about_and_traced(
    call: Call, tmp_path: Path, identities: list[Identity]
) -> None:
    """It is on the archive host, where it must not stay; doctor looks for it until it is gone."""
    done = call(
        "keys",
        "prove",
        "--identity",
        tmp_path / "0.txt",
        "--quiet",
        "--config",
        tmp_path / "host" / "strongroom.toml",
    )
    assert done.err.startswith("warning:") and "archive host" in done.err
    assert IdentityTrace(tmp_path / "host" / "state").paths() == [tmp_path / "0.txt"]
    assert identity_text_of(identities[0]) not in (tmp_path / "host" / "state" / "identities.txt").read_text()


def test_an_identity_from_standard_input_leaves_no_trace(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, identities: list[Identity]
) -> None:
    """This is the way that leaves nothing on the host."""
    typed = io.TextIOWrapper(io.BytesIO(identity_text_of(identities[0]).encode()))
    monkeypatch.setattr("sys.stdin", typed)
    assert prove(call, tmp_path, "-")[0] == 3
    assert IdentityTrace(tmp_path / "host" / "state").paths() == []


def test_an_identity_from_a_pipe_of_the_shell_leaves_no_trace(
    call: Call, tmp_path: Path, identities: list[Identity]
) -> None:
    """The name that the shell gives to the pipe is that of something else tomorrow."""
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w") as file:
        file.write(identity_text_of(identities[0]))
    try:
        assert prove(call, tmp_path, f"/dev/fd/{ours}")[0] == 3
    finally:
        os.close(ours)
    assert IdentityTrace(tmp_path / "host" / "state").paths() == []


def test_a_reader_who_may_not_write_the_state_still_reads(
    call: Call, tmp_path: Path, identities: list[Identity]
) -> None:
    """The trace is for `doctor`; that it can't be left is said, and is no defect."""
    trace = tmp_path / "host" / "state" / "identities.txt"
    trace.mkdir()
    config = tmp_path / "host" / "strongroom.toml"
    done = call("snapshots", "vault", "--identity", tmp_path / "0.txt", "--config", config)
    assert "`doctor` can't be told" in done.err and "defect" not in done.err and done.status != 1


def test_while_a_run_holds_the_state_nothing_is_proved(call: Call, tmp_path: Path, identities: list[Identity]) -> None:
    """Two writers would fork the log."""
    with StateFolder(tmp_path / "host" / "state").locked():
        done = call(
            "keys",
            "prove",
            "--identity",
            tmp_path / "0.txt",
            "--json",
            "--config",
            tmp_path / "host" / "strongroom.toml",
        )
    assert done.error["code"] == 14


def test_a_state_without_room_asks_for_room(tmp_path: Path, identities: list[Identity], repository: Path) -> None:
    """And not for rights that the account has."""
    words = ["keys", "prove", f"--identity={tmp_path}/0.txt", f"--config={tmp_path}/host/strongroom.toml", "--json"]
    done = run_unprivileged([sys.executable, "-m", "strongroom", *words], repository, bytes_a_file=10)
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["class"]) == (23, "SpoolError")
    assert "nothing was proved" in error["message"] and "Free space" in error["next_step"]
