"""Results never take the place of what can't be made again: identities, keys, settings, state and archives."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.founding import FoundingPlan, found
from strongroom.clock import now
from tests.front.outcome import Call, Outcome
from tests.unprivileged import run_unprivileged
from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.crew import sound_story

REPORTS = ("--html", "--out", "--report", "--remember")


class House:
    """A host that was founded, with a second store, and an archive whose identity lies in a folder of its own."""

    def __init__(self, folder: Path, archive: ForgedArchive) -> None:
        self.folder, self.archive = folder, archive
        self.identity = folder / "offline" / "opens.txt"
        self.host = folder / "host"
        files = {"tenant.id": "contoso.onmicrosoft.com", "tenant.ca_bundle_file": str(folder / "ca.pem")}
        found(FoundingPlan(self.host, folder / "offline", (), files), now)
        (folder / "ca.pem").write_text("authority\n")
        (folder / "trust.json").write_bytes(archive.trust_root_path.read_bytes())
        self.identity.write_bytes(archive.identity_path.read_bytes())
        (folder / "second").mkdir()
        (self.host / "credentials").mkdir()
        with (self.host / "strongroom.toml").open("a") as file:
            file.write(f'\n[[stores]]\nname = "second"\nurl = "dir:{folder}/second"\n')
            file.write('retention_days = 9\nmode = "none"\n')

    @property
    def opened(self) -> list[str]:
        """The options that open the archive, by the settings of the host."""
        settings, trust = self.host / "strongroom.toml", self.folder / "trust.json"
        return [f"--config={settings}", f"--trust={trust}", f"--identity={self.identity}", "--json"]

    def call(self, call: Call, option: str, place: Path) -> Outcome:
        """The command that has the option, with `place` as its value."""
        if option in ("--html", "--out"):
            return call("diff", self.archive.path, "1", "2", *self.opened, option, place)
        if option in ("--report", "--remember"):
            return call("verify", self.archive.path, *self.opened, option, place)
        return call(option, self.archive.path, *self.opened, "--to", place)

    def content(self) -> dict[Path, str]:
        """Every file with its digest, but for the state, in which an identity that was used is written down."""
        files = (path for path in sorted(self.folder.rglob("*")) if path.is_file() or path.is_symlink())
        kept = (path for path in files if path.parent != self.host / "state")
        return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}


def house_in(folder: Path) -> House:
    """A new house."""
    folder.mkdir()
    return House(folder, forge(folder / "forged", sound_story()))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The host and the archive, made once: no test may change them."""
    return house_in(tmp_path_factory.mktemp("built") / "house")


@pytest.fixture
def house(built: House) -> Iterator[House]:
    """The host and the archive, compared when the test is over."""
    before = built.content()
    yield built
    assert built.content() == before


@pytest.mark.parametrize("option", REPORTS)
@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("offline/opens.txt", "the identity file|holds a private key"),
        ("trust.json", "is the file that --trust names"),
        ("host/strongroom.toml", "is the settings file"),
        ("ca.pem", "is the file that tenant.ca_bundle_file names"),
        ("host/keys/signer.json", "is the file that keys.signer_file names|holds a private key"),
        ("host/keys/trust-root.json", "is the file that keys.trust_root_file names"),
        ("host/keys/new", "lies in the folder of keys"),
        ("host/credentials/signer.json", "lies in the folder of keys"),
        ("host/state/new", "lies in the state folder"),
        ("second/new", "lies in the store 'second'"),
        ("ARCHIVE/root/1.root.json", "lies in the archive"),
        ("ARCHIVE/log/checkpoints/2", "lies in the archive"),
        ("ARCHIVE/log/new", "lies in the archive"),
    ],
)
def test_a_report_takes_no_place_that_is_taken(house: House, call: Call, option: str, place: str, what: str) -> None:
    """Each of these is lost for good, and the archive with some of them; exit 0 would say that all is well."""
    path = Path(place.replace("ARCHIVE", str(house.archive.path)))
    done = house.call(call, option, house.folder / path)
    assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")
    assert re.search(what, done.error["message"]) and done.error["next_step"].startswith("Name a place apart")


@pytest.mark.parametrize("option", REPORTS)
def test_neither_links_nor_second_names_hide_what_is_taken(house: House, call: Call, option: str) -> None:
    """The file is the same, however it is called."""
    Path("keys").symlink_to(house.host / "keys")
    os.link(house.identity, "second-name.txt")
    for place in (Path("keys/signer.json"), Path("second-name.txt"), house.host / "state" / ".." / "strongroom.toml"):
        done = house.call(call, option, place)
        assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")


@pytest.mark.parametrize("option", ["--html", "--out", "--report"])
@pytest.mark.parametrize("name", ["root.json", "identity.txt", "graph.pem"])
def test_a_report_replaces_no_private_key_wherever_it_lies(house: House, call: Call, option: str, name: str) -> None:
    """Also one that the command has nothing to do with: the root's key, another identity, a key in PEM."""
    place = house.folder / "offline" / name
    if name == "graph.pem":
        place = Path(name)
        place.write_text("-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\n")
    before = place.read_bytes()
    done = house.call(call, option, place)
    assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")
    assert "holds a private key" in done.error["message"] and place.read_bytes() == before


@pytest.mark.parametrize("option", ["export", "mirror"])
@pytest.mark.parametrize("place", ["host/keys/out", "host/state/out", "second/out"])
def test_content_is_not_laid_beside_keys_and_state(house: House, call: Call, option: str, place: str) -> None:
    """Whoever takes the folder would have both."""
    done = house.call(call, option, house.folder / place)
    assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")


@pytest.mark.parametrize("place", ["", "older", "older/out"])
def test_a_copy_fills_no_folder_that_holds_keys(tmp_path: Path, call: Call, place: str) -> None:
    """The identity's own folder, and one inside it in which another key lies."""
    house = house_in(tmp_path / "house")
    (house.folder / "offline" / "older").mkdir()
    (house.folder / "offline" / "older" / "opens.txt").write_bytes(house.identity.read_bytes())
    before = house.content()
    done = house.call(call, "mirror", house.folder / "offline" / place)
    assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")
    assert re.search("is the folder of the identity|holds a private key, opens.txt", done.error["message"])
    assert house.content() == before


@pytest.mark.parametrize("option", ["export", "mirror"])
def test_a_new_folder_beside_the_identity_is_taken_with_a_warning(tmp_path: Path, call: Call, option: str) -> None:
    """On the worst day the identity lies in the folder in which one works; a copy goes on there when run again."""
    house = house_in(tmp_path / "house")
    target = house.folder / "offline" / "out"
    before = house.content()
    done = house.call(call, option, target)
    assert done.status == 0 and f"warning: {target} lies beside the identity" in done.err
    assert any(target.iterdir()) and house.content().items() >= before.items()
    if option == "mirror":
        assert house.call(call, option, target).status == 0
    apart = house.call(call, option, tmp_path / "apart")
    assert apart.status == 0 and "lies beside the identity" not in apart.err


def test_settings_that_can_not_be_read_are_not_replaced_either(house: House, call: Call) -> None:
    """A command that does without them looks at the file all the same."""
    Path("strongroom.toml").write_text("not = [toml")
    trust, identity = house.folder / "trust.json", house.identity
    words = ["verify", house.archive.path, f"--trust={trust}", f"--identity={identity}", "--json"]
    done = call(*words, "--report", "strongroom.toml")
    assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")
    assert Path("strongroom.toml").read_text() == "not = [toml"


@pytest.mark.parametrize("option", REPORTS)
@pytest.mark.parametrize("place", ["state/ledger/head.json", "keys/new.html", "credentials/new.html"])
def test_settings_that_can_not_be_read_leave_nobody_s_keys_and_state_open(
    house: House, call: Call, option: str, place: str
) -> None:
    """A typing mistake in one line must not switch the guard of everything beside it off."""
    trust, identity = house.folder / "trust.json", house.identity
    Path("strongroom.toml").write_text("not = [toml")
    for folder in ("keys", "credentials", "state/ledger"):
        Path(folder).mkdir(parents=True)
    Path("state/ledger/head.json").write_text("{}")
    words = ["diff", house.archive.path, "1", "2"] if option in ("--html", "--out") else ["verify", house.archive.path]
    done = call(*words, f"--trust={trust}", f"--identity={identity}", "--json", option, place)
    assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")
    assert Path("state/ledger/head.json").read_text() == "{}" and not Path("keys/new.html").exists()


@pytest.mark.parametrize("option", ["--report", "export", "mirror"])
def test_a_host_that_nothing_names_keeps_its_keys_and_state_too(house: House, call: Call, option: str) -> None:
    """Called from elsewhere, without settings: the settings file beside them says what they are."""
    trust, identity = house.folder / "trust.json", house.identity
    words = [house.archive.path, f"--trust={trust}", f"--identity={identity}", "--json"]
    for place in ("state/ledger/head.json", "keys/signer.json", "credentials/new"):
        to = [option] if option == "--report" else ["--to"]
        done = call("verify" if option == "--report" else option, *words, *to, house.host / place)
        assert done.status == 4


@pytest.mark.parametrize("option", ["export", "mirror"])
def test_content_takes_no_folder_of_unreadable_settings_either(house: House, call: Call, option: str) -> None:
    """Nor does a copy go around them."""
    Path("strongroom.toml").write_text("not = [toml")
    Path("keys").mkdir()
    trust, identity = house.folder / "trust.json", house.identity
    for place in ("keys/e", "state", "."):
        done = call(option, house.archive.path, f"--trust={trust}", f"--identity={identity}", "--json", "--to", place)
        assert done.status == 4 and not any(Path("keys").iterdir()) and not Path("root").exists()


def test_a_copy_is_not_merged_into_a_folder_that_holds_keys_and_state(house: House, call: Call) -> None:
    """The archive and the signer in one folder: whoever backs it up, or takes it away, has both."""
    done = house.call(call, "mirror", house.host)
    assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")
    assert "holds the folder of keys" in done.error["message"]


def test_every_other_place_is_free(tmp_path: Path, call: Call) -> None:
    """A report beside the settings, one that replaces an older one, and a copy that fills a store."""
    house = house_in(tmp_path / "house")
    Path("report.html").write_text("an older one")
    for option, place in (("--html", Path("report.html")), ("--report", house.host / "report.html")):
        assert house.call(call, option, place).status == 0
        assert place.read_text().startswith("<!DOCTYPE html>")
    assert house.call(call, "mirror", house.folder / "second").status == 0
    assert (house.folder / "second" / "root" / "1.root.json").is_file()
    assert house.call(call, "export", Path("out")).status == 0


@pytest.mark.parametrize("option", [*REPORTS, "export"])
def test_no_room_for_a_result_is_exit_23_and_leaves_nothing(
    house: House, tmp_path: Path, repository: Path, option: str
) -> None:
    """What to do is to make room, which no other word for a place that can't be written says."""
    words = {"--html": ["diff", "1", "2"], "--out": ["diff", "1", "2"], "export": ["export"]}.get(option, ["verify"])
    (tmp_path / "disk").mkdir()
    place = tmp_path / "disk" / "result"
    line = [words[0], str(house.archive.path), *words[1:], *house.opened]
    line += ["--to" if option == "export" else option, str(place)]
    done = run_unprivileged([sys.executable, "-m", "strongroom", *line], repository, bytes_a_file=100)
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["class"]) == (23, "OutputError")
    assert str(place) in error["message"] and error["next_step"].startswith("Make room")
    assert list(place.parent.iterdir()) == []
