"""Commands that read events: show, export and the list of snapshots."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.front.outcome import Call
from tests.vault.event_host import STREAM, event, seal_with_events
from tests.vault.host import Host
from verify.identity import identity_text_of

HOUR = timedelta(hours=1)


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """An archive of two days with three events, one of them sealed twice, and the words that open it."""
    host = Host(tmp_path)
    host.prove()
    twice = event("b2", host.now - HOUR, "it’s")
    seal_with_events(host, [twice, event("c3", host.now - HOUR)])
    seal_with_events(host, [twice, event("a1", host.now - HOUR)])
    identity = tmp_path / "identity.txt"
    identity.write_text(identity_text_of(host.identity) + "\n")
    return [str(host.archive), f"--trust=sha256:{host.chain.newest.fingerprint}", f"--identity={identity}"]


def test_show_shows_an_event_that_no_snapshot_holds(call: Call, words: list[str]) -> None:
    """An id from an alert must lead to what happened."""
    done = call("show", *words, STREAM, "b2", "--json")
    assert done.status == 0
    assert (done.document["collection"], done.document["id"], done.document["proved"]) == (STREAM, "b2", True)
    assert (done.document["snapshot"], done.document["events"]) == (None, 1)
    assert done.document["record"]["text"] == "it’s"
    assert "in events 1, proved" in call("show", *words, STREAM, "b2").out


@pytest.mark.parametrize(("more", "name"), [(["zz"], "UnknownObjectError"), (["b2", "--snapshot", "1"], "UsageError")])
def test_show_says_what_it_does_not_find(call: Call, words: list[str], more: list[str], name: str) -> None:
    """An event that is not archived, and a snapshot named for one that is in none."""
    done = call("show", *words, STREAM, *more, "--json")
    assert (done.status, done.error["class"]) == (2, name)


def test_export_writes_every_event_once(call: Call, words: list[str], tmp_path: Path) -> None:
    """All bundles together, in the order in which they were sealed."""
    done = call("export", *words, "--to", tmp_path / "out", "--events", "--json")
    assert done.document["files"] == {"directoryAudits.jsonl": 3, "users.jsonl": 1}
    lines = (tmp_path / "out" / "directoryAudits.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["b2", "c3", "a1"]
    assert lines[0].startswith('{"activityDateTime":')


def test_export_of_a_snapshot_leaves_events_out_unless_asked(call: Call, words: list[str], tmp_path: Path) -> None:
    """A snapshot of an hour ago must not bring ten years of logs along."""
    assert call("export", *words, "--to", tmp_path / "out", "--json").document["files"] == {"users.jsonl": 1}


def test_snapshots_says_how_many_events_were_sealed_with_each(call: Call, words: list[str]) -> None:
    """Without an identity: the number is signed."""
    done = call("snapshots", *words[:2], "--json")
    assert [(one["sequence"], one["events"]) for one in done.document] == [(2, 2), (1, 2)]
    assert " events " in call("snapshots", *words[:2]).out
