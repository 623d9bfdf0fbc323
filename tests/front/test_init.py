"""Founding an archive: complete or not at all, nothing overwritten, private keys apart, the canary proved."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shlex
import shutil
import stat
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from archiver import placement
from archiver.founding import Founded, FoundingPlan, found
from archiver.graph.catalogue import load_catalogue
from archiver.graph.credential import Credential
from archiver.graph.grant import GRAPH_APP_ID
from archiver.graph.permission import permissions_of
from archiver.placement import placing
from archiver.state.state_folder import StateFolder
from archiver.vaulting import open_vaulting
from config.errors import SettingsError
from config.loading import load_settings
from strongroom.__main__ import main
from strongroom.clock import now
from tests.front.outcome import Call
from tests.front.terminal import Terminal
from tests.front.test_placement import leave_as_killed
from tests.unprivileged import run_unprivileged
from vault.signing.signer import StatementKey
from vault.trust import new_identity
from verify.identity import HYBRID, X25519, Identity, identities_of
from verify.trust_root import root_chain_of

TENANT = "contoso.onmicrosoft.com"


def files_under(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_makes_what_the_contract_says(call: Call, tmp_path: Path) -> None:
    """Other programs read this document and these files (COMMANDS.md sections 1 and 4)."""
    done = call("init", tmp_path / "host", "--tenant", TENANT, "--json")
    document = done.document
    assert done.status == 0
    assert {"fingerprint", "archive_id", "recipients", "files", "stores", "permissions", "grant"} <= set(document)
    assert document["files"] == {
        "settings": f"{tmp_path}/host/strongroom.toml",
        "signer": f"{tmp_path}/host/keys/signer.json",
        "trust_root": f"{tmp_path}/host/keys/trust-root.json",
        "root": f"{tmp_path}/host-offline/root.json",
        "identity": f"{tmp_path}/host-offline/identity.txt",
        "fingerprint": f"{tmp_path}/host-offline/fingerprint.txt",
    }
    assert all(Path(path).is_file() for path in document["files"].values())
    assert "User.Read.All" in document["permissions"]
    assert not any("Write" in name for name in document["permissions"])


def test_the_fingerprint_is_that_of_the_trust_root(founded: Founded) -> None:
    """Verification starts from this number, on another machine."""
    root = Path(str(founded.files["trust_root"])).read_bytes()
    assert founded.fingerprint == hashlib.sha256(root).hexdigest()
    assert Path(str(founded.files["fingerprint"])).read_text() == f"{founded.fingerprint}\n"
    assert root_chain_of([root], founded.fingerprint, ["1"]).archive_id == founded.archive_id


def test_the_text_shows_the_fingerprint_the_permissions_and_what_must_leave(call: Call, tmp_path: Path) -> None:
    """Whoever reads only the screen still does the right things next."""
    done = call("init", tmp_path / "host")
    fingerprint = (tmp_path / "host-offline" / "fingerprint.txt").read_text().strip()
    for text in (fingerprint, "identity.txt", "openssl req", "az ad app create", "Connect-MgGraph", "User.Read.All"):
        assert text in done.out
    assert f"Store vault: {tmp_path}/archive" in done.out


def words_of(line: str) -> dict[str, list[str]]:
    """The words of a shell line: those before the first option under "", and what stands after each option."""
    found: dict[str, list[str]] = {"": []}
    option = ""
    for word in shlex.split(line):
        if word.startswith("--"):
            option = word
            found[option] = []
        else:
            found[option].append(word)
    return found


def test_the_lines_register_an_application_with_exactly_the_permissions_needed(call: Call, tmp_path: Path) -> None:
    """They are pasted by a person with every right in the tenant."""
    document = call("init", tmp_path / "host", "--json").document
    lines = [words_of(line) for line in document["grant"]["az"]]
    commands = [" ".join(line[""]) for line in lines]
    assert commands == [
        "CLIENT_ID=$(az ad app create",
        "az ad sp create",
        "az ad app permission add",
        "az ad app permission admin-consent",
        "az ad app credential reset",
        "echo $CLIENT_ID",
        "az account show",
    ]
    assert all(line["--id"] == ["$CLIENT_ID"] for line in lines[1:5])
    assert lines[2]["--api"] == [GRAPH_APP_ID]
    ids = json.loads((files("archiver.graph") / "permission_ids.json").read_bytes())
    needed = permissions_of(load_catalogue().chosen(("all",)))
    assert tuple(document["permissions"]) == needed
    assert lines[2]["--api-permissions"] == [f"{ids[name]}=Role" for name in needed]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is absent")
def test_the_lines_make_a_certificate_that_signs_in_and_whose_key_stays(call: Call, tmp_path: Path) -> None:
    """The line is run as it is printed, under the usual umask; what leaves this host has no key in it."""
    folder = tmp_path / "a host" / "it's"
    document = call("init", folder, "--json").document
    for line in document["grant"]["certificate"]:
        subprocess.run(["sh", "-c", f"umask 022; {line}"], check=True, capture_output=True, timeout=60)
    both, public = folder / "keys" / "graph.pem", folder / "keys" / "graph.crt"
    assert mode_of(both) == 0o600
    assert b"PRIVATE KEY" in both.read_bytes() and b"PRIVATE KEY" not in public.read_bytes()
    assert words_of(document["grant"]["az"][4])["--cert"] == ["@graph.crt"]
    certificate = load_pem_x509_certificate(public.read_bytes())
    key = load_pem_private_key(both.read_bytes(), None)
    assert key.public_key() == certificate.public_key() == load_pem_x509_certificate(both.read_bytes()).public_key()
    settings = load_settings(Path(document["files"]["settings"]), {})
    assert settings.tenant is not None and Credential(settings.tenant).generation == 0


def test_secret_files_are_for_their_owner_only(founded: Founded) -> None:
    """A world-readable key is no key; the settings would refuse it."""
    for name in ("signer", "root", "identity"):
        assert mode_of(Path(str(founded.files[name]))) == 0o600
    assert mode_of(Path(str(founded.files["root"])).parent) == 0o700


def test_the_settings_work_once_the_tenant_is_filled_in(tmp_path: Path, founded: Founded) -> None:
    """A generated file that needs more than [tenant] is a trap."""
    settings = load_settings(Path(str(founded.files["settings"])), {})
    assert settings.stores[0].directory == tmp_path / "archive"
    assert settings.archive.state_dir == tmp_path / "host" / "state"


def test_the_root_key_in_its_file_is_the_one_that_signed(founded: Founded) -> None:
    """A root key that was written wrong is noticed years later, when the next root has to be signed."""
    document = json.loads(Path(str(founded.files["root"])).read_bytes())
    root = Path(str(founded.files["trust_root"])).read_bytes()
    chain = root_chain_of([root], founded.fingerprint, ["1"])
    assert StatementKey.from_seeds(document["root"]).id in chain.newest.roles["root"].pairs


def test_the_canary_is_proved_while_the_identity_is_at_hand(founded: Founded) -> None:
    """The first run may seal at once: somebody has shown that he can open it."""
    settings = load_settings(Path(str(founded.files["settings"])), {})
    vaulting = open_vaulting(settings, StateFolder(settings.archive.state_dir), now)
    vaulting.sealer.require_recipients(vaulting.rules)
    assert founded.canary_proved and vaulting.ledger.head.log_size == 1


def test_the_identity_is_post_quantum_and_that_of_the_settings(founded: Founded) -> None:
    """What is sealed now is kept for years."""
    (identity,) = identities_of(Path(str(founded.files["identity"])).read_bytes())
    assert identity.kind == HYBRID and founded.recipients == (identity.recipient.text,)


def test_with_a_recipient_no_identity_is_made_and_no_run_is_promised(call: Call, tmp_path: Path) -> None:
    """The identity was made elsewhere; nobody here can prove that it exists."""
    recipient = new_identity().recipient.text
    done = call("init", tmp_path / "host", "--recipient", recipient, "--json")
    assert done.document["files"]["identity"] is None and not done.document["canary_proved"]
    assert done.document["recipients"] == [recipient]
    assert files_under(tmp_path / "host-offline") == {"root.json", "fingerprint.txt"}


def test_recipients_of_two_kinds_are_refused(call: Call, tmp_path: Path) -> None:
    """A file sealed to both is as weak as the weaker."""
    words = [f"--recipient={one.recipient.text}" for one in (new_identity(), Identity(X25519, os.urandom(32)))]
    done = call("init", tmp_path / "host", *words, "--json")
    assert done.status == 4 and not (tmp_path / "host").exists()


@pytest.mark.parametrize("taken", ["host/strongroom.toml", "host/keys", "offline/root.json", "archive/log"])
def test_nothing_is_overwritten_and_everything_in_the_way_is_listed(call: Call, tmp_path: Path, taken: str) -> None:
    """An overwritten signer ends an archive; the list saves the operator one try for each file."""
    (tmp_path / taken).parent.mkdir()
    (tmp_path / taken).write_text("mine")
    before = files_under(tmp_path)
    done = call("init", tmp_path / "host", "--offline", tmp_path / "offline", "--json")
    named = "archive" if taken.startswith("archive") else taken
    assert done.status == 4 and str(tmp_path / named) in done.error["message"]
    assert files_under(tmp_path) == before and (tmp_path / taken).read_text() == "mine"


@pytest.mark.parametrize("kind", ["file", "link to nowhere", "link to a file"])
def test_what_lies_where_the_store_will_be_made_is_said_at_once(call: Call, tmp_path: Path, kind: str) -> None:
    """Otherwise the first run fails, in the middle of the night."""
    if kind == "file":
        (tmp_path / "archive").write_text("mine")
    else:
        (tmp_path / "archive").symlink_to("/nowhere" if kind == "link to nowhere" else "/etc/hostname")
    done = call("init", tmp_path / "host", "--json")
    assert done.status == 4 and str(tmp_path / "archive") in done.error["message"]
    assert files_under(tmp_path) == {"archive", "elsewhere"}


def test_an_empty_folder_for_the_store_is_used(call: Call, tmp_path: Path) -> None:
    """A disk that was mounted there before."""
    (tmp_path / "archive").mkdir()
    assert call("init", tmp_path / "host").status == 0


@pytest.mark.parametrize("words", [[""], ["host", "--offline", ""]])
def test_an_empty_word_is_no_folder(call: Call, words: list[str]) -> None:
    """An unset variable of a script must not put keys into the folder that one happens to be in."""
    assert call("init", *words).status == 2
    assert list(Path.cwd().iterdir()) == []


def test_the_whole_file_system_is_no_folder_of_an_archive(call: Call) -> None:
    """Whatever folder the private keys get, it lies in that one."""
    assert call("init", "/", "--json").error["class"] == "RefusedError"


def test_a_parent_that_can_not_be_written_is_named_and_nothing_is_made(tmp_path: Path, repository: Path) -> None:
    """/etc without sudo."""
    (tmp_path / "etc").mkdir(mode=0o555)
    command = [sys.executable, "-m", "strongroom", "init", str(tmp_path / "etc" / "host"), "--json"]
    done = run_unprivileged(command, repository)
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["class"]) == (23, "SpoolError")
    assert f"{tmp_path}/etc/host-offline: Permission denied" in error["message"]
    assert list((tmp_path / "etc").iterdir()) == []


def test_a_second_init_is_refused(call: Call, tmp_path: Path) -> None:
    """The same line twice, out of a shell's history, must not make a second root."""
    assert call("init", tmp_path / "host").status == 0
    signer = (tmp_path / "host" / "keys" / "signer.json").read_bytes()
    assert call("init", tmp_path / "host").status == 4
    assert (tmp_path / "host" / "keys" / "signer.json").read_bytes() == signer


def test_two_at_once_found_one_archive(tmp_path: Path, repository: Path) -> None:
    """One is told that somebody was faster, and whose it is now; none of its keys stay."""
    command = [sys.executable, "-m", "strongroom", "init", str(tmp_path / "host"), "--yes", "--json"]
    both = [subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE) for _ in range(2)]
    documents = sorted((json.loads(one.communicate(timeout=60)[0]) for one in both), key=lambda one: "error" in one)
    assert sorted(one.returncode for one in both) == [0, 4]
    assert documents[1]["error"]["class"] == "RefusedError"
    fingerprint = (tmp_path / "host-offline" / "fingerprint.txt").read_text().strip()
    assert fingerprint == documents[0]["fingerprint"]
    assert files_under(tmp_path / "host-offline") == {"root.json", "identity.txt", "fingerprint.txt"}


def test_somebody_who_founds_at_the_same_place_is_said_and_nothing_is_left(call: Call, tmp_path: Path) -> None:
    """It is no question of rights or room."""
    plan = FoundingPlan(tmp_path / "host", tmp_path / "host-offline")
    with placing([plan.places[0]._replace(names=())]):
        done = call("init", tmp_path / "host", "--json")
        assert len(files_under(tmp_path / "host-offline")) == 1, "the other one's staging folder"
    assert (done.status, done.error["class"]) == (4, "RefusedError")
    assert "at the same place" in done.error["message"] and "Look whose it is" in done.error["next_step"]
    assert not (tmp_path / "host").exists()


def test_what_a_killed_init_left_is_removed_and_said(call: Call, tmp_path: Path) -> None:
    """Keys of an archive that was never founded."""
    leave_as_killed(FoundingPlan(tmp_path / "host", tmp_path / "host-offline").places)
    (left,) = (tmp_path / "host-offline").iterdir()
    done = call("init", tmp_path / "host")
    assert done.status == 0 and "never founded" in done.err and str(left) in done.err
    assert files_under(tmp_path / "host-offline") == {"root.json", "identity.txt", "fingerprint.txt"}
    assert {path.name for path in (tmp_path / "host").iterdir()} == {"keys", "state", "strongroom.toml"}


def test_where_no_lock_tells_the_dead_from_the_living_the_rest_is_said_and_left(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network file system; another person's init may be at work there."""
    leave_as_killed(FoundingPlan(tmp_path / "host", tmp_path / "host-offline").places)
    left = [*(tmp_path / "host").iterdir(), *(tmp_path / "host-offline").iterdir()]

    def no_lock(*_: object) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(placement, "fcntl", SimpleNamespace(flock=no_lock, LOCK_EX=2, LOCK_NB=4))
    done = call("init", tmp_path / "host")
    assert done.status == 0 and all(stage.is_dir() and str(stage) in done.err for stage in left)
    again = call("init", tmp_path / "host", "--json")
    assert again.status == 4 and "no archive was founded" not in again.error["next_step"]


def test_an_init_that_was_killed_between_two_moves_is_told_from_an_archive(call: Call, tmp_path: Path) -> None:
    """Its root key lies there under its name, and the rest does not: a person decides."""
    leave_as_killed(FoundingPlan(tmp_path / "host", tmp_path / "host-offline").places)
    (left,) = (tmp_path / "host-offline").iterdir()
    (left / "root.json").rename(tmp_path / "host-offline" / "root.json")
    before = files_under(tmp_path)
    done = call("init", tmp_path / "host", "--json")
    assert done.status == 4 and str(tmp_path / "host-offline" / "root.json") in done.error["message"]
    assert ".strongroom-init-" in done.error["message"] and "killed" in done.error["message"]
    assert "no archive was founded" in done.error["next_step"]
    assert files_under(tmp_path) == before


def test_folders_that_exist_and_hold_other_things_are_used(call: Call, tmp_path: Path) -> None:
    """A mounted medium exists before anything is written to it, and /etc has other people's files."""
    for name in ("host", "medium"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "other").write_text("stays")
    assert call("init", tmp_path / "host", "--offline", tmp_path / "medium").status == 0
    assert files_under(tmp_path / "medium") == {"other", "root.json", "identity.txt", "fingerprint.txt"}
    assert (tmp_path / "host" / "strongroom.toml").is_file()


@pytest.mark.parametrize("offline", ["host", "host/keys", "."])
def test_the_private_keys_must_not_lie_in_the_archive_hosts_folder(call: Call, tmp_path: Path, offline: str) -> None:
    """Who copies the folder to the archive host would copy the keys that must not be there."""
    done = call("init", tmp_path / "host", "--offline", tmp_path / offline, "--json")
    assert done.status == 4 and not (tmp_path / "host").exists()


@pytest.mark.parametrize("offline", ["archive", "archive/deep/er", "link", "link/keys"])
def test_the_private_keys_must_not_lie_in_the_store_of_the_new_archive(
    call: Call, tmp_path: Path, offline: str
) -> None:
    """The settings that are being written name that folder; whoever reads the store would open it."""
    (tmp_path / "link").symlink_to("archive")
    before = files_under(tmp_path)
    done = call("init", tmp_path / "host", "--offline", tmp_path / offline, "--json")
    assert (done.status, done.error["class"]) == (4, "RefusedError") and "--offline" in done.error["next_step"]
    assert "the store of the new archive" in done.error["message"] and files_under(tmp_path) == before


@pytest.mark.parametrize("offline", ["host", "host/keys", "host/new", "archive", "archive/log/new"])
def test_the_private_keys_must_not_lie_in_another_archive_or_with_its_host(
    call: Call, founded: Founded, tmp_path: Path, offline: str
) -> None:
    """Beside a signer that somebody else's host uses every night, or on a medium that is handed around."""
    (tmp_path / "archive" / "root").mkdir(parents=True)
    (tmp_path / "archive" / "root" / "1.root.json").write_text("{}")
    before = files_under(tmp_path)
    done = call("init", tmp_path / "b" / "h2", "--offline", tmp_path / offline, "--json")
    assert (done.status, done.error["class"]) == (4, "RefusedError")
    assert "another archive" in done.error["message"] and files_under(tmp_path) == before


@pytest.mark.parametrize(
    "folder", ["host/q", "host/keys/q", "host/state/q", "archive", "archive/log/q", "off/q", "l/q"]
)
def test_the_host_must_not_lie_in_another_archive_with_its_host_or_its_private_keys(
    call: Call, tmp_path: Path, folder: str
) -> None:
    """Its keys would be handed around with the store, and its settings with the medium of the other's root."""
    assert call("init", tmp_path / "host", "--offline", tmp_path / "off").status == 0
    (tmp_path / "archive" / "root").mkdir(parents=True)
    (tmp_path / "archive" / "root" / "1.root.json").write_text("{}")
    (tmp_path / "l").symlink_to("off")
    before = files_under(tmp_path)
    done = call("init", tmp_path / folder, "--offline", tmp_path / "apart" / "off", "--json")
    assert (done.status, done.error["class"]) == (4, "RefusedError")
    assert "another archive" in done.error["message"] and "Name a folder apart" in done.error["next_step"]
    assert files_under(tmp_path) == before and not (tmp_path / "apart").exists()


def test_no_room_names_the_folder_and_asks_for_room(tmp_path: Path, repository: Path) -> None:
    """A full disk is no matter of rights, and the error of a write names no file by itself."""
    command = [sys.executable, "-m", "strongroom", "init", str(tmp_path / "host"), "--json"]
    done = run_unprivileged(command, repository, bytes_a_file=100)
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["class"]) == (23, "SpoolError")
    assert error["message"].startswith(f"nothing was made: {tmp_path}/host-offline: ")
    assert error["next_step"].startswith("Make room") and files_under(tmp_path) == {"elsewhere"}


def test_settings_that_do_not_hold_leave_nothing_behind(tmp_path: Path) -> None:
    """All or nothing, also when the last step fails."""
    plan = FoundingPlan(tmp_path / "a" / "host", tmp_path / "b" / "offline", (), {"tenant.id": "not a tenant"})
    with pytest.raises(SettingsError, match=r"tenant\.id"):
        found(plan, now)
    assert files_under(tmp_path) == {"elsewhere"}


def test_a_folder_that_can_not_be_made_is_named(call: Call, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    done = call("init", tmp_path / "file" / "host", "--json")
    assert done.error["code"] == 23 and str(tmp_path / "file") in done.error["message"]


def test_on_a_terminal_a_person_is_asked_and_may_decline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Declining makes nothing; --yes does not ask."""
    err = Terminal()
    monkeypatch.setattr("sys.stderr", err)
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert main(["init", str(tmp_path / "host")]) == 130
    assert "[y/N]" in err.getvalue() and not (tmp_path / "host").exists()
    assert main(["init", str(tmp_path / "host"), "--yes"]) == 0


def test_the_settings_can_point_at_a_simulated_tenant(call: Call, tmp_path: Path, tenant_folder: Path) -> None:
    """A trial without an editor; nobody registers an application with a tenant that exists nowhere."""
    done = call("init", tmp_path / "host", "--simulated", tenant_folder)
    settings = load_settings(tmp_path / "host" / "strongroom.toml", {})
    assert settings.tenant is not None and settings.tenant.simulated
    assert settings.tenant.credential is not None
    assert settings.tenant.credential.certificate_file == tenant_folder / "client.pem"
    assert "az ad" not in done.out and "strongroom run" in done.out


def test_a_simulated_tenant_that_does_not_run_is_said_and_nothing_is_made(call: Call, tmp_path: Path) -> None:
    """Settings that lead nowhere would fail at the first run."""
    done = call("init", tmp_path / "host", "--simulated", tmp_path, "--json")
    assert done.status == 13 and not (tmp_path / "host").exists()
    assert call("init", tmp_path / "host", "--simulated", tmp_path, "--tenant", TENANT).status == 2


def test_no_secret_is_shown(call: Call, tmp_path: Path) -> None:
    """What is printed ends in a terminal's scrollback and in tickets."""
    for words in ([], ["--json"]):
        done = call("init", tmp_path / f"host{len(words)}" / "x", *words)
        folder = tmp_path / f"host{len(words)}"
        identity = (folder / "x-offline" / "identity.txt").read_text().splitlines()[-1]
        seeds = json.loads((folder / "x-offline" / "root.json").read_bytes())["root"].values()
        assert not [secret for secret in (identity, *seeds) if secret in done.out + done.err]


def test_the_next_lines_call_the_program_where_it_lies(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed off the path, as on a host of its own, `strongroom doctor` would be no command."""
    place = tmp_path / "opt" / "strongroom"
    place.parent.mkdir()
    place.touch(0o755)
    monkeypatch.setattr("sys.argv", [str(place)])
    assert f"  {place} doctor --config" in call("init", tmp_path / "one").out
    monkeypatch.setenv("PATH", str(place.parent))
    place.chmod(0o755)
    assert "  strongroom doctor --config" in call("init", tmp_path / "two").out


@pytest.mark.parametrize("command", ["verify", "snapshots", "diff", "mirror"])
def test_before_the_first_run_a_store_is_said_to_be_empty_yet(call: Call, tmp_path: Path, command: str) -> None:
    """ "No such file" sends the reader to look for a fault where there is none."""
    call("init", tmp_path / "host", "--tenant", TENANT)
    config = tmp_path / "host" / "strongroom.toml"
    words = {"diff": ["1", "2"], "mirror": ["--to", str(tmp_path / "copy")]}.get(command, [])
    done = call(command, "vault", *words, "--config", config, "--json")
    assert (done.status, done.error["class"]) == (20, "UnreachableArchiveError")
    assert done.error["message"].startswith("nothing is archived yet")
    assert done.error["next_step"] == "Run `strongroom run`."


def test_a_store_that_was_lost_is_not_called_empty_yet(call: Call, archiving: Founded) -> None:
    """A disk that is not mounted, and a store that somebody emptied, are news."""
    config = archiving.files["settings"]
    assert call("run", "--config", config).status == 0
    (store,) = load_settings(Path(str(config)), {}).stores
    store.directory.rename(store.directory.with_name("moved"))
    done = call("verify", "vault", "--config", config, "--json")
    assert (done.status, "nothing is archived yet" in done.error["message"]) == (20, False)
