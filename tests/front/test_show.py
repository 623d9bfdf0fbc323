"""What `show` tells a person: letters as they are, links by name, and where else a deleted object may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.front.outcome import Call
from tests.recovery.tenant_days import object_record, relation_record
from tests.vault.host import Host
from verify.gap import Gap
from verify.identity import identity_text_of
from verify.key import Record

ANNA, BERT, CARL = (f"{letter * 8}-0000-4000-8000-{letter * 12}" for letter in "abc")


@pytest.fixture
def opened(tmp_path: Path) -> list[str]:
    """ARCHIVE and the options that open it; on its second day Carl is gone for good, and Bert is in the bin."""
    host = Host(tmp_path)
    host.prove()
    anna = object_record("users", ANNA, displayName="Änne Müller", city="Łódź")
    bert = object_record("users", BERT, displayName="Bert")
    host.seal([anna, bert, object_record("users", CARL), relation_record("users", BERT, "manager", ANNA)])
    host.seal([anna, object_record("deletedUsers", BERT, displayName="Bert")])
    identity = tmp_path / "identity.txt"
    identity.write_text(identity_text_of(host.identity) + "\n")
    return [str(host.archive), f"--trust=sha256:{host.chain.newest.fingerprint}", f"--identity={identity}"]


def _show(call: Call, opened: list[str], *words: str) -> tuple[int, str, str]:
    done = call("show", *opened, "users", *words)
    return done.status, done.out, done.err


def test_the_text_has_letters_of_every_script_as_they_are(call: Call, opened: list[str]) -> None:
    r"""Nobody searches for `\u00c4nne`."""
    _, out, _ = _show(call, opened, ANNA)
    assert '"displayName": "Änne Müller"' in out
    assert '"city": "Łódź"' in out


def test_a_manager_is_named(call: Call, opened: list[str]) -> None:
    """An id sends the reader to the next command for each link."""
    _, out, _ = _show(call, opened, BERT, "--snapshot", "1")
    assert f'"id":"{ANNA}"}} \'Änne Müller\'' in out
    document = call("show", *opened, "users", BERT, "--snapshot", "1", "--json").document
    assert document["names"] == {ANNA: "Änne Müller"}


def test_an_id_in_capitals_is_found(call: Call, opened: list[str]) -> None:
    """Other programs of Microsoft's write GUIDs so."""
    status, out, _ = _show(call, opened, ANNA.upper())
    assert (status, out.splitlines()[0]) == (
        0,
        f"users {ANNA} (asked for as {ANNA.upper()}) in snapshot 2, proved",
    )
    done = call("diff", opened[0], "1", "2", *opened[1:], "--id", BERT.upper(), "--json")
    assert [one["id"] for one in done.document["objects"]] == [BERT]


def test_a_deleted_user_is_looked_for_in_the_bin_and_in_older_snapshots(call: Call, opened: list[str]) -> None:
    """Whoever asks for somebody who is gone wants what he was, not what is left."""
    status, _, err = _show(call, opened, BERT)
    assert status == 2
    assert "next: Ask for it in deletedUsers, or as it was in an older snapshot: --snapshot 1." in err
    status, _, err = _show(call, opened, CARL)
    assert status == 2
    assert "is in older snapshots: --snapshot 1; `strongroom snapshots` lists them" in err


def opened_day(tmp_path: Path, *records: Record, gaps: tuple[Gap, ...] = ()) -> list[str]:
    """ARCHIVE, with one day, and the options that open it."""
    host = Host(tmp_path)
    host.prove()
    host.seal(list(records), gaps=gaps)
    identity = tmp_path / "identity.txt"
    identity.write_text(identity_text_of(host.identity) + "\n")
    return [str(host.archive), f"--trust=sha256:{host.chain.newest.fingerprint}", f"--identity={identity}"]


@pytest.mark.parametrize("id_", [None, BERT])
def test_an_object_behind_a_gap_is_not_shown_as_null(call: Call, tmp_path: Path, id_: str | None) -> None:
    """What could not be read is told from what is empty; the relations that were read are proved all the same."""
    gap = Gap("users", None, id_, "forbidden", "HTTP 403")
    opened = opened_day(tmp_path, relation_record("users", BERT, "manager", ANNA), gaps=(gap,))
    status, out, _ = _show(call, opened, BERT)
    first, told, *rest = out.splitlines()
    assert status == 0 and "null" not in out
    assert first == f"users {BERT} in snapshot 1: the object itself could not be read; what is shown of it is proved"
    assert told == f"GAP {gap.place}: forbidden: HTTP 403" and rest[0] == "manager: 1"
    document = call("show", *opened, "users", BERT, "--json").document
    assert document["record"] is None and document["gaps"] == [gap._asdict()]


def test_only_the_gaps_of_the_object_are_named(call: Call, tmp_path: Path) -> None:
    """A relation that could not be read is no relation without targets; what others lack is not its matter."""
    own, all_, filled = (Gap("users", name, id_, "malformed-page", "HTTP 200") for name, id_ in (
        ("manager", BERT), ("photo", None), ("memberOf", None)
    ))  # fmt: skip
    others = (
        Gap("users", "manager", ANNA, "malformed-page", "HTTP 200"),
        Gap("users", None, None, "malformed-page", "half"),
    )
    records = [object_record("users", BERT), relation_record("users", BERT, "memberOf", ANNA)]
    opened = opened_day(tmp_path, *records, gaps=(own, all_, filled, *others))
    document = call("show", *opened, "users", BERT, "--json").document
    assert document["record"] and [Gap(**one) for one in document["gaps"]] == [own, all_]
    status, out, _ = _show(call, opened, BERT)
    assert status == 0 and f"GAP users manager {BERT}: malformed-page: HTTP 200" in out and ", proved" in out


@pytest.mark.parametrize("name", ["a/b/../c", "a/b@contoso.com"])
def test_a_principal_name_with_a_slash_is_found(call: Call, tmp_path: Path, name: str) -> None:
    """A slash is a letter of a name where no object is contained in another."""
    opened = opened_day(tmp_path, object_record("users", ANNA, userPrincipalName=name))
    status, out, _ = _show(call, opened, name)
    first = f"users {ANNA} (asked for as {name}, its userPrincipalName) in snapshot 1, proved"
    assert (status, out.splitlines()[0]) == (0, first)
