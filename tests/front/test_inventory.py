"""`inventory` opens an archive as `show` does, and its text, its document and its page say the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archiver.founding import Founded
from tests.front.outcome import Call
from tests.front.test_show import opened_day
from tests.recovery.inventory_kit import app, escrowed, secret
from tests.recovery.tenant_days import object_record
from verify.gap import Gap

OLD, SOON, FAR = "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "9999-12-31T00:00:00Z"


@pytest.fixture
def opened(tmp_path: Path) -> list[str]:
    """ARCHIVE and the options that open it: an application with three secrets, of which one is escrowed, and a user."""
    secrets = [secret("k-far", FAR), secret("k-old", OLD), secret("k-kept", FAR)]
    records = [app(secrets=secrets, displayName="Pay\x1b[2Kroll\u202e"), object_record("users", "u")]
    return opened_day(tmp_path, *records, escrowed("applications/app-1/k-kept"))


def test_the_text_names_the_snapshot_and_what_it_proves(call: Call, opened: list[str]) -> None:
    """Whoever holds the archive can derive it again, and no name moves the cursor."""
    done = call("inventory", *opened)
    document = call("inventory", *opened, "--json").document
    assert done.status == 0 and done.err == ""
    assert f"sha256:{document['snapshot']['manifest_sha256']}" in done.out
    assert "3 secrets to enter again: 1 not escrowed, 1 escrowed, 1 EXPIRED" in done.out
    assert "applications/app-1/k-far" in done.out and "\x1b" not in done.out and "\u202e" not in done.out
    assert "escrowed: 'app.pfx', 6 bytes sealed 2026-11-16" in done.out
    assert max(map(len, done.out.splitlines())) <= 100


def test_a_simulated_tenant_is_called_one(call: Call, opened: list[str]) -> None:
    """An inventory of the simulator says nothing about any real tenant."""
    assert "(SIMULATED)" in call("inventory", *opened).out


def test_the_document_the_file_and_the_page_are_one(call: Call, opened: list[str], tmp_path: Path) -> None:
    """The page has the digest of the document; the file has all of it."""
    out, html = tmp_path / "inventory.json", tmp_path / "inventory.html"
    done = call("inventory", *opened, "--out", out, "--html", html, "--json")
    assert json.loads(out.read_text("utf-8")) == done.document
    assert "1 secret not escrowed" in html.read_text("utf-8")
    assert str(out) in done.err and str(html) in done.err


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        (["--expires-within", "0"], ["k-old"]),
        (["--expires-within", "36500"], ["k-old"]),
        (["--collection", "applications"], ["k-far", "k-kept", "k-old"]),
        (["--collection", "users"], []),
    ],
)
def test_the_filters_leave_out_what_was_not_asked_for(
    call: Call, opened: list[str], options: list[str], keys: list[str]
) -> None:
    """A reminder for next month is not the list of everything."""
    document = call("inventory", *opened, *options, "--json").document
    assert [one["key_ids"][0] for one in document["entries"]] == keys
    assert list(document["filter"].values()) != [[], None]


def test_a_gap_is_shown_and_does_not_change_the_status(call: Call, tmp_path: Path) -> None:
    """As in `show`: a signed gap is data."""
    opened = opened_day(
        tmp_path, object_record("users", "u"), gaps=(Gap("applications", None, None, "forbidden", "403"),)
    )
    done = call("inventory", *opened)
    assert done.status == 0 and "UNKNOWN" in done.out and "in what could be read" in done.out


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["--collection", "application"], 2, "Did you mean applications?"),
        (["--collection", "groups"], 2, "proves something that Graph withholds"),
        (["--expires-within", "-1"], 2, "not a number of days (0 to 36,500)"),
        (["--expires-within", "soon"], 2, "not a number of days"),
        (["--snapshot", "9"], 2, "9"),
        (["--out", "same", "--html", "same"], 2, "name the same file"),
        (["--out", "nowhere/file"], 4, "there is no folder"),
    ],
)
def test_what_can_not_be_done_is_refused(
    call: Call, opened: list[str], words: list[str], status: int, text: str
) -> None:
    """With the status that the other commands have for it."""
    done = call("inventory", *opened, *words)
    assert done.status == status and text in done.err and done.out == ""


def test_without_an_identity_there_is_no_inventory(call: Call, opened: list[str]) -> None:
    """The records are sealed; the list of secrets is not to be had for the archive alone."""
    done = call("inventory", *(word for word in opened if not word.startswith("--identity")))
    assert (done.status, done.out) == (40, "")


def test_no_result_takes_the_place_of_a_key(call: Call, opened: list[str]) -> None:
    """`--out` and `--html` are looked at before the work."""
    identity = next(word for word in opened if word.startswith("--identity")).partition("=")[2]
    done = call("inventory", *opened, "--out", identity)
    assert done.status == 4 and "AGE-SECRET-KEY" in Path(identity).read_text("utf-8").upper()


def test_an_altered_archive_gives_no_inventory(call: Call, opened: list[str]) -> None:
    """What is listed is proved on the way."""
    (bundle,) = (Path(opened[0]) / "bundles").rglob("*.age")
    content = bytearray(bundle.read_bytes())
    content[len(content) // 2] ^= 1
    bundle.chmod(0o600)
    bundle.write_bytes(bytes(content))
    done = call("inventory", *opened)
    assert done.status in (31, 35) and "secret" not in done.out


def test_what_escrow_add_seals_is_found_by_the_inventory(call: Call, archiving: Founded, tmp_path: Path) -> None:
    """The whole way: the place that the inventory names is what --for takes, and the next run has it."""
    config, identity = f"--config={tmp_path / 'host' / 'strongroom.toml'}", tmp_path / "offline" / "identity.txt"
    words = ["inventory", "vault", config, f"--identity={identity}", "--json"]
    assert call("run", config, "--quiet").status == 0
    wanted = call(*words).document["entries"][0]
    token = tmp_path / "token.txt"
    token.write_text("hush")
    added = call("escrow", "add", token, "--for", wanted["escrow_for"], config)
    assert added.status == 0 and f"{token} is still there, in the clear: delete it" in added.out
    assert f"nobody has checked that {wanted['escrow_for']} exists" in added.out
    assert call("run", config, "--quiet").status == 0
    document = call(*words).document
    (kept,) = [one for one in document["entries"] if one["escrowed"]]
    assert (kept["escrow_for"], kept["escrowed"]["file"]) == (wanted["escrow_for"], "token.txt")
    assert document["counts"]["escrowed"] == 1 and document["escrow"][0]["state"] == "matched"
    assert "hush" not in json.dumps(document)
