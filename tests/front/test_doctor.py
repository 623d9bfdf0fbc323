"""`doctor`: each check finds its own fault, and none stops the others."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.doctor import place_checks
from archiver.doctor.check import FAIL, NOT_CHECKED, PASS, WARN, Check
from archiver.doctor.examination import PROBES, Probe, examine
from archiver.founding import Founded, FoundingPlan, found
from archiver.graph.catalogue import load_catalogue
from archiver.graph.grant import GRAPH_APP_ID
from archiver.graph.permission import permissions_of
from archiver.state.identity_trace import IdentityTrace
from recovery.rehearsal.population.permissions import READ_ROLES
from recovery.rehearsal.serving.process import RunningTenant
from strongroom.clock import now
from strongroom.commands.doctor import lines_of
from tests.archiver.revocation import REASON, revoke_sealer
from tests.front.golden import assert_golden
from tests.front.outcome import Call
from vault.signing.signer import Signer
from vault.trust import new_identity


def checks_of(founded: Founded, clock: Callable[[], datetime] = now) -> dict[str, Check]:
    """The examination's checks by id; no id stands twice."""
    found_checks = list(examine(founded.files["settings"], {}, clock))
    by_id = {check.id: check for check in found_checks}
    assert len(by_id) == len(found_checks)
    return by_id


def carry_offline_away(founded: Founded) -> None:
    for name in ("root", "identity"):
        file = founded.files[name]
        if file is not None:
            file.unlink()


@pytest.fixture
def edit(founded: Founded) -> Callable[[str, str], None]:
    """Changes the settings file of the archive."""
    file = Path(str(founded.files["settings"]))

    def replace(old: str, new: str) -> None:
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    return replace


@pytest.fixture
def roles(simulated: RunningTenant) -> Iterator[Callable[[list[str]], None]]:
    """Sets the permissions of the simulated application, and puts them back."""
    yield lambda names: simulated.set_roles(names)
    simulated.set_roles(READ_ROLES)


@pytest.fixture
def _any_room_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """How much room the machine has that runs the tests is not what is tested."""
    monkeypatch.setattr(place_checks, "LEAST_FREE_BYTES", 0)
    monkeypatch.setattr(place_checks, "COMFORTABLE_FREE_BYTES", 0)


@pytest.mark.usefixtures("_any_room_is_enough")
def test_a_healthy_host_has_nothing_to_fail(call: Call, archiving: Founded) -> None:
    """Exit 0, with the warnings that belong to a trial in one folder."""
    carry_offline_away(archiving)
    done = call("doctor", "--config", str(archiving.files["settings"]), "--json")
    assert done.status == 0 and done.document["ok"] is True
    results = {check["id"]: check["result"] for check in done.document["checks"]}
    assert set(results.values()) <= {PASS, WARN}
    assert {id_ for id_, result in results.items() if result == WARN} == {
        "locks", "copies", "certificate", "simulated",
    }  # fmt: skip


@pytest.mark.usefixtures("_any_room_is_enough")
def test_the_report_of_a_healthy_host_reads_as_agreed(archiving: Founded, tmp_path: Path) -> None:
    """Names, digests, sizes and dates differ from run to run; the words don't."""
    carry_offline_away(archiving)
    checks = [
        check._replace(detail=_neutral(check.detail, tmp_path))
        for check in examine(archiving.files["settings"], {}, now)
    ]
    assert_golden("doctor.txt", "\n".join(lines_of(checks)) + "\n")


def _neutral(detail: str, folder: Path) -> str:
    detail = re.sub(r"\S*simulated\d*/client.pem", "CLIENT.PEM", detail.replace(str(folder), "FOLDER"))
    detail = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "GUID", detail)
    detail = re.sub(r"[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{16}", "HEX", detail)
    detail = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "INSTANT", detail)
    detail = re.sub(r"\d+(\.\d)? GB", "N GB", re.sub(r"\d{4}-\d\d-\d\d: \d+ days", "DATE: N days", detail))
    return re.sub(r"\d+ s (behind|ahead of)", "N s off", detail)


def test_every_probe_is_listed_when_the_settings_can_not_be_used(call: Call, tmp_path: Path) -> None:
    """Nothing is green by absence: what could not be looked at says so."""
    (tmp_path / "broken.toml").write_text("not toml")
    done = call("doctor", "--config", tmp_path / "broken.toml", "--json")
    assert done.status == 3
    settings, *rest = done.document["checks"]
    assert settings["result"] == FAIL and settings["next_step"]
    assert {check["result"] for check in rest} == {NOT_CHECKED} and len(rest) == len(PROBES)


def test_a_missing_file_is_found_and_the_rest_is_still_examined(founded: Founded) -> None:
    """A doctor who goes home after the first finding is of little use."""
    (Path(str(founded.files["settings"])).parent / "keys" / "graph.pem").unlink()
    checks = checks_of(founded)
    assert checks["settings"].result == FAIL and "certificate_file" in checks["settings"].detail
    assert checks["trust-root"].result == PASS and checks["store.vault"].result == PASS


@pytest.mark.parametrize(
    ("name", "behind"),
    [
        ("graph.pem", ["key-file.tenant.credential.certificate_file", "certificate", "credential", "graph", "clock"]),
        ("signer.json", ["key-file.keys.signer_file", "signer"]),
        ("trust-root.json", ["trust-root", "signer", "recipients", "ledger", "stores"]),
    ],
)
def test_one_missing_file_is_told_once_and_what_hangs_on_it_is_not_checked(
    call: Call, founded: Founded, name: str, behind: list[str]
) -> None:
    """After `init` the certificate is still to come; four findings would be read as four faults."""
    carry_offline_away(founded)
    settings = Path(str(founded.files["settings"]))
    certificate = settings.parent / "keys" / "graph.pem"
    certificate.touch(0o600)
    (settings.parent / "keys" / name).unlink()
    checks = checks_of(founded)
    own = {"credential", "certificate"} if name != "graph.pem" else set()  # an empty certificate is a fault of its own
    assert {id_ for id_, check in checks.items() if check.result == FAIL} - own == {"settings"}
    assert {checks[id_].result for id_ in behind} == {NOT_CHECKED}
    assert checks[behind[0]].detail == f"{settings.parent}/keys/{name} is not there, see Settings"
    done = call("doctor", "--config", str(settings))
    assert done.status == 3 and "Errno" not in done.out and done.out.count("names a file that does not exist") == 1


def test_a_probe_that_breaks_off_is_its_own_finding(monkeypatch: pytest.MonkeyPatch, founded: Founded) -> None:
    """A defect in one check must not hide what the others find."""

    def break_off(_: object) -> list[Check]:
        raise ZeroDivisionError("division by zero")

    broken = Probe("disk", "Room on disk", break_off)
    monkeypatch.setattr("archiver.doctor.examination.PROBES", (broken, *PROBES))
    first, second, *rest = examine(founded.files["settings"], {}, now)
    assert (second.id, second.result) == ("disk", FAIL) and "ZeroDivisionError" in second.detail
    assert first.result == PASS and len(rest) > len(PROBES)


def test_a_key_file_open_to_its_group_is_warned_about(founded: Founded) -> None:
    """Open to everybody, the settings refuse it."""
    Path(str(founded.files["signer"])).chmod(0o640)
    check = checks_of(founded)["key-file.keys.signer_file"]
    assert check.result == WARN and check.next_step.startswith("chmod 600 ")


def test_a_key_file_open_to_everybody_fails(founded: Founded) -> None:
    """The settings refuse it, and the check says which command closes it."""
    Path(str(founded.files["signer"])).chmod(0o644)
    checks = checks_of(founded)
    assert checks["settings"].result == FAIL and "chmod 600" in checks["settings"].next_step


def test_the_signer_of_another_archive_fails(founded: Founded) -> None:
    """A run would be refused, at a quarter past two in the night."""
    Path(str(founded.files["signer"])).write_bytes(Signer.generate().to_json())
    check = checks_of(founded)["signer"]
    assert check.result == FAIL and "sealer and log key" in check.detail


@pytest.mark.parametrize(("from_index", "result"), [(1, FAIL), (2, PASS)])
def test_a_revoked_sealer_fails_from_the_entry_on_that_the_root_names(
    founded: Founded, tmp_path: Path, from_index: int, result: str
) -> None:
    """The log holds one entry; the next is number 1."""
    revoke_sealer(tmp_path / "host", tmp_path / "offline", from_index)
    check = checks_of(founded)["signer"]
    assert check.result == result and (REASON in check.detail) is (result == FAIL)


def test_a_changed_trust_root_fails(founded: Founded) -> None:
    """Its signature is part of it."""
    file = Path(str(founded.files["trust_root"]))
    file.write_bytes(file.read_bytes().replace(b'"payload":"ey', b'"payload":"eY', 1))
    assert checks_of(founded)["trust-root"].result == FAIL


def test_a_missing_canary_fails(founded: Founded) -> None:
    """The archive would travel without the proof that somebody can open it."""
    for canary in Path(str(founded.files["trust_root"])).parent.glob("*.canary.age"):
        canary.unlink()
    assert checks_of(founded)["trust-root"].result == FAIL


def test_a_recipient_that_the_trust_root_does_not_name_fails(
    founded: Founded, edit: Callable[[str, str], None]
) -> None:
    """A thief's recipient in the settings would open every later snapshot."""
    edit(founded.recipients[0], new_identity().recipient.text)
    (check,) = [one for id_, one in checks_of(founded).items() if id_.startswith("recipient.")]
    assert check.result == FAIL and "does not name" in check.detail


def test_unproved_recipients_fail_and_more_than_one_needs_a_reason(tmp_path: Path) -> None:
    """Each of them alone opens everything, and nobody has shown that he can."""
    recipients = tuple(new_identity().recipient for _ in range(2))
    checks = checks_of(found(FoundingPlan(tmp_path / "host", tmp_path / "offline", recipients), now))
    assert checks["recipients"].result == WARN
    unproved = [one for id_, one in checks.items() if id_.startswith("recipient.")]
    assert [one.result for one in unproved] == [FAIL, FAIL] and "keys prove" in unproved[0].next_step


def test_private_keys_left_on_the_host_fail(tmp_path: Path) -> None:
    """The thief of the host would open the archive, or name himself its signer."""
    founded = found(FoundingPlan(tmp_path / "host", tmp_path / "host-offline"), now)
    check = checks_of(founded)["identity-apart"]
    assert check.result == FAIL
    assert str(founded.files["identity"]) in check.detail and str(founded.files["root"]) in check.detail
    carry_offline_away(founded)
    assert checks_of(founded)["identity-apart"].result == PASS


@pytest.mark.parametrize("place", ["identity.txt", "deep/er/notes.md"])
@pytest.mark.parametrize("content", ["AGE-SECRET-KEY-PQ-1X\n", '{"type": "root-key"}', '{"type": "signer"}'])
def test_a_private_key_in_a_store_fails(founded: Founded, tmp_path: Path, place: str, content: str) -> None:
    """A store is copied, carried about and read by others; who has it would have what opens it."""
    file = tmp_path / "archive" / place
    file.parent.mkdir(parents=True)
    file.write_text(content)
    check = checks_of(founded)["identity-apart"]
    assert check.result == FAIL and str(file) in check.detail


def _flip(leaves: Path, _: bytes) -> None:
    content = bytearray(leaves.read_bytes())
    content[5] ^= 1
    leaves.write_bytes(content)


LEAVES: dict[str, Callable[[Path, bytes], object]] = {
    "gone": lambda leaves, _: leaves.unlink(),
    "flipped": _flip,
    "cut short": lambda leaves, _: leaves.write_bytes(leaves.read_bytes()[:-7]),
    "empty": lambda leaves, _: leaves.write_bytes(b""),
    "of an older day": lambda leaves, older: leaves.write_bytes(older),
    "without a head": lambda leaves, _: (leaves.parent / "head.json").unlink(),
}


@pytest.mark.parametrize("fault", LEAVES)
def test_a_ledger_that_a_run_refuses_fails_in_the_same_words(archiving: Founded, call: Call, fault: str) -> None:
    """Who asks the doctor before the night must hear what the night will say; `status` must not be green either."""
    settings = Path(str(archiving.files["settings"]))
    leaves = settings.parent / "state" / "ledger" / "leaves"
    assert call("run", "--config", settings).status == 0
    older = leaves.read_bytes()
    assert call("run", "--config", settings).status == 0
    assert checks_of(archiving)["ledger"].result == PASS and call("status", "--config", settings).status == 0
    LEAVES[fault](leaves, older)
    check = checks_of(archiving)["ledger"]
    before = call("status", "--config", settings, "--json").document["alarms"]
    refused = call("run", "--config", settings, "--json")
    assert (refused.status, refused.error["class"]) == (4, "ForkRefusedError")
    assert (check.result, check.detail, check.next_step) == (
        FAIL,
        refused.error["message"],
        refused.error["next_step"],
    )
    assert [alarm["kind"] for alarm in before] == ["state"] and refused.error["message"] in before[0]["detail"]
    after = call("status", "--config", settings, "--json")
    assert after.status == 3 and {"failed", "state"} <= {alarm["kind"] for alarm in after.document["alarms"]}
    assert after.document["runs"][0]["error"]["class"] == "ForkRefusedError"


@pytest.mark.parametrize("name", ["head.json", "leaves"])
def test_a_fifo_in_the_state_is_no_place_to_wait_at(founded: Founded, call: Call, tmp_path: Path, name: str) -> None:
    """Nobody writes into it, so that whoever opens it waits for ever, each night anew."""
    file = tmp_path / "host" / "state" / "ledger" / name
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    check = checks_of(founded)["ledger"]
    assert check.result == FAIL and f"{name} is no regular file" in check.detail
    for command in ("status", "run"):
        done = call(command, "--config", founded.files["settings"], "--json")
        assert done.status == 23 and f"{name} is no regular file" in done.error["message"]
        assert done.error["next_step"].startswith("See what lies there")


@pytest.mark.parametrize("name", ["format", "lock", "begun.json", "runs.jsonl", "identities.txt", "service.lock"])
def test_a_fifo_anywhere_else_in_the_state_makes_nobody_wait(
    founded: Founded, call: Call, tmp_path: Path, name: str
) -> None:
    """`status` and `doctor` are what one calls when something hangs."""
    file = tmp_path / "host" / "state" / name
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    assert checks_of(founded)["settings"].result == PASS
    assert call("status", "--config", founded.files["settings"]).status in (3, 23)


@pytest.mark.parametrize("name", ["lock", "runs.jsonl", "escrow/x.json"])
def test_a_state_that_stops_the_next_run_fails_before_it(
    founded: Founded, call: Call, tmp_path: Path, name: str
) -> None:
    """What is found at night, by a run, is a night without a snapshot."""
    file = tmp_path / "host" / "state" / name
    file.unlink(missing_ok=True)
    file.parent.mkdir(exist_ok=True)
    os.mkfifo(file)
    check = checks_of(founded)["state"]
    assert check.result == FAIL and file.name in check.detail and check.next_step
    assert call("run", "--config", founded.files["settings"]).status == 23


def test_a_store_that_can_not_be_looked_at_is_its_own_finding(
    founded: Founded, edit: Callable[[str, str], None]
) -> None:
    """A mount that fails, a folder of another account, a path that the file system does not take."""
    edit("../archive", f"../{'x' * 300}")
    checks = checks_of(founded)
    assert checks["store.vault"].result == checks["disk.vault"].result == FAIL
    assert not [check for check in checks.values() if "broke off" in check.detail]
    assert "xxx" not in checks["identity-apart"].detail, "nobody has looked there for private keys"


def test_an_identity_that_was_used_here_fails_while_it_stays_readable(founded: Founded, tmp_path: Path) -> None:
    """Wherever it was: the path is remembered, the identity is not."""
    identity = Path(str(founded.files["identity"]))
    assert checks_of(founded)["identity-apart"].result == PASS, "an offline folder elsewhere is not looked for"
    IdentityTrace(tmp_path / "host" / "state").remember(identity)
    assert checks_of(founded)["identity-apart"].result == FAIL
    identity.unlink()
    assert checks_of(founded)["identity-apart"].result == PASS


def test_a_trace_of_identities_that_can_not_be_read_is_not_taken_for_none(founded: Founded, tmp_path: Path) -> None:
    """Nothing is green by absence."""
    (tmp_path / "host" / "state" / "identities.txt").mkdir()
    check = checks_of(founded)["identity-apart"]
    assert check.result == NOT_CHECKED and "can't be read" in check.detail


def test_the_ledger_of_another_archive_fails(founded: Founded, tmp_path: Path) -> None:
    """Somebody restored the wrong state; a run would fork the log."""
    other = found(FoundingPlan(tmp_path / "b" / "host", tmp_path / "b" / "offline"), now)
    state = tmp_path / "host" / "state"
    state.rename(tmp_path / "old")
    (tmp_path / "b" / "host" / "state").rename(state)
    check = checks_of(founded)["ledger"]
    assert check.result == FAIL and other.archive_id in check.detail


@pytest.mark.parametrize(
    ("cron", "detail"),
    [
        ("15 2 * * *", "next run at 2026-11-22T02:15:00Z"),
        ("0 * * * *", "next run at 2026-11-21T10:00:00Z"),
        ("15 2 * * 0", "next run at 2026-11-22T02:15:00Z, and the one after it 7 days later"),
        ("0 0 29 2 *", "next run at 2028-02-29T00:00:00Z, and the one after it 1,461 days later"),
    ],
)
def test_the_next_run_is_said_and_how_long_the_wait_is_where_it_is_long(
    founded: Founded, edit: Callable[[str, str], None], cron: str, detail: str
) -> None:
    """A schedule may be less than daily, and nobody should find that out in a year."""
    edit("[schedule]", f'[schedule]\ncron = "{cron}"')
    check = checks_of(founded, lambda: datetime(2026, 11, 21, 9, 30, tzinfo=UTC))["schedule"]
    assert (check.result, check.detail) == (PASS, detail)


def test_a_state_of_another_version_fails_as_that(founded: Founded, tmp_path: Path) -> None:
    """And not as a damaged ledger."""
    (tmp_path / "host" / "state" / "format").write_text("2\n")
    checks = checks_of(founded)
    assert {checks[id_].result for id_ in ("state", "ledger")} == {FAIL}
    assert "format 2" in checks["state"].detail and "CHANGELOG.md" in checks["state"].next_step


def test_a_state_that_is_no_folder_is_told_by_its_own_checks_alone(
    founded: Founded, edit: Callable[[str, str], None]
) -> None:
    """Recipients and stores are as sound as before."""
    edit('state_dir = "state"', 'state_dir = "/dev/null"')
    checks = checks_of(founded)
    assert checks["state"].result == FAIL and checks["state"].detail == "/dev/null is no folder"
    assert "account" not in checks["state"].next_step
    assert {checks[id_].result for id_ in ("recipients", "stores")} == {NOT_CHECKED}
    assert checks["disk.state"].detail.endswith("GB free at /dev/null")


def test_a_full_disk_fails(monkeypatch: pytest.MonkeyPatch, founded: Founded) -> None:
    """Before it is full: a run that finds no room seals nothing."""
    monkeypatch.setattr(place_checks, "LEAST_FREE_BYTES", 2**60)
    checks = checks_of(founded)
    assert checks["disk.state"].result == checks["disk.vault"].result == FAIL


def test_a_store_that_can_not_be_written_fails(founded: Founded, tmp_path: Path) -> None:
    """A file lies where the store should be."""
    (tmp_path / "archive").write_text("")
    assert checks_of(founded)["store.vault"].result == FAIL


def test_without_a_sign_in_what_depends_on_it_is_not_checked(founded: Founded) -> None:
    """The certificate file is empty."""
    checks = checks_of(founded)
    assert checks["credential"].result == checks["certificate"].result == FAIL
    for id_ in ("tenant", "permissions", "write-roles", "graph", "simulated", "clock"):
        assert checks[id_].result == NOT_CHECKED


def test_a_missing_permission_says_what_it_costs_and_the_line_that_grants_it(
    archiving: Founded, roles: Callable[[list[str]], None]
) -> None:
    """Users are required: without them the run ends incomplete every night."""
    roles([name for name in READ_ROLES if name not in {"User.Read.All", "Directory.Read.All"}])
    checks = checks_of(archiving)
    check = checks["permission.User.Read.All"]
    assert check.result == FAIL and "users" in check.detail
    assert check.next_step.startswith("az ad app permission add --id ")
    assert "df021288-bdef-4463-88db-98f22de89214=Role" in check.next_step
    assert "permissions" not in checks


def test_every_missing_permission_has_the_lines_that_grant_that_one_to_this_application(
    archiving: Founded, simulated: RunningTenant, roles: Callable[[list[str]], None], shared_data: Path
) -> None:
    """They are pasted by an administrator: a wrong id would grant something else, or to somebody else."""
    roles([])
    published = json.loads((shared_data / "graph_permission_ids.json").read_bytes())["appRoles"]
    ids = {role["value"]: role["id"] for role in published}
    missing = {id_: check for id_, check in checks_of(archiving).items() if id_.startswith("permission.")}
    needed = permissions_of(load_catalogue().chosen(["all"]))
    assert [id_.removeprefix("permission.") for id_ in missing] == list(needed)
    for permission, check in zip(needed, missing.values(), strict=True):
        add = ["az", "ad", "app", "permission", "add", "--id", simulated.client_id, "--api", GRAPH_APP_ID]
        assert shlex.split(check.next_step) == [*add, "--api-permissions", f"{ids[permission]}=Role"]


def test_the_line_that_consents_is_said_once_behind_all_that_add(
    archiving: Founded, simulated: RunningTenant, roles: Callable[[list[str]], None]
) -> None:
    """It is pasted once; without anything to consent to, it is not said."""
    assert "consent" not in checks_of(archiving)
    roles([])
    checks = checks_of(archiving)
    ids = list(checks)
    assert ids.index("consent") == max(i for i, id_ in enumerate(ids) if id_.startswith("permission.")) + 1
    consent = ["az", "ad", "app", "permission", "admin-consent", "--id", simulated.client_id]
    assert shlex.split(checks["consent"].next_step) == consent
    assert sum("admin-consent" in check.next_step for check in checks.values()) == 1


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('collections = ["-userz", "all"]', "export.collections: there is no collection named 'userz'."),
        ('require = ["userz"]', "export.require: there is no collection named 'userz'."),
    ],
)
def test_a_misspelt_collection_is_a_fault_of_the_settings_and_of_nothing_else(
    archiving: Founded, setting: str, message: str
) -> None:
    """Said as a failed sign-in, with 200 names, it sends somebody to look at certificates."""
    file = Path(str(archiving.files["settings"]))
    kept = [line for line in file.read_text().splitlines() if not line.startswith(setting.partition(" ")[0])]
    file.write_text("\n".join(kept).replace("[export]", "") + f"\n[export]\n{setting}\n")
    checks = checks_of(archiving)
    check = checks["settings"]
    assert (check.result, check.detail, check.next_step) == (FAIL, message, "Did you mean users?")
    assert checks["credential"].result == PASS
    assert {checks[id_].result for id_ in ("choice", "permissions")} == {NOT_CHECKED}


@pytest.mark.parametrize("store", ["there", "away"])
def test_a_ledger_that_forgot_what_the_history_sealed_fails(
    archiving: Founded, call: Call, tmp_path: Path, store: str
) -> None:
    """Called empty, it would be begun anew; where the store is away, nothing else tells."""
    settings = Path(str(archiving.files["settings"]))
    assert call("run", "--config", settings).status == 0
    assert checks_of(archiving)["ledger"].result == PASS
    shutil.rmtree(settings.parent / "state" / "ledger")
    if store == "away":
        (tmp_path / "archive").rename(tmp_path / "elsewhere")
    check = checks_of(archiving)["ledger"]
    assert check.result == FAIL and "snapshot 1 was sealed" in check.detail and "of no snapshot" in check.detail
    assert check.next_step.startswith("Put the newest archive.state_dir of this host back")


def test_what_pulses_lose_is_said_where_the_settings_ask_for_pulses(
    archiving: Founded, roles: Callable[[list[str]], None]
) -> None:
    """A pulse each hour that reads everything each hour is noticed by its bill."""
    roles([name for name in READ_ROLES if name not in {"AuditLog.Read.All", "EntraBackup.Read.All"}])
    lost = "pulses read everything, since nothing shows whether Microsoft's own recovery was used"
    assert lost not in checks_of(archiving)["permission.AuditLog.Read.All"].detail
    file = Path(str(archiving.files["settings"]))
    file.write_text(file.read_text().replace("\n[schedule]", '\n[schedule]\npulse = "0 * * * *"', 1))
    check = checks_of(archiving)["permission.AuditLog.Read.All"]
    assert check.detail.startswith("not granted; a run has gaps in ") and check.detail.endswith(lost)


def test_write_permissions_fail(archiving: Founded, roles: Callable[[list[str]], None]) -> None:
    """The archiver reads; whoever steals an application that writes has the tenant."""
    roles([*READ_ROLES, "User.ReadWrite.All"])
    check = checks_of(archiving)["write-roles"]
    assert check.result == FAIL and "User.ReadWrite.All" in check.detail


@pytest.mark.parametrize(("seconds", "result"), [(-600, FAIL), (-200, PASS), (200, PASS), (600, FAIL)])
def test_a_clock_that_is_five_minutes_off_fails(archiving: Founded, seconds: int, result: str) -> None:
    """Signatures and freshness state this host's time, and Entra refuses its assertions."""
    check = checks_of(archiving, lambda: datetime.now(UTC) + timedelta(seconds=seconds))["clock"]
    assert check.result == result


@pytest.mark.parametrize("days", [-1, 1])
def test_a_sign_in_that_is_refused_for_its_time_speaks_of_the_clock(
    archiving: Founded, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Who is sent to look at client ids does not look at the clock."""
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + days * 86_400)
    check = checks_of(archiving)["credential"]
    assert check.result == FAIL and "AADSTS700024" in check.detail
    assert "clock" in check.next_step and "client_id" not in check.next_step


def test_an_expired_certificate_fails(archiving: Founded) -> None:
    """Seen from next year."""
    check = checks_of(archiving, lambda: datetime.now(UTC) + timedelta(days=400))["certificate"]
    assert check.result == FAIL and "expired" in check.detail


def test_a_simulated_tenant_that_is_not_called_one_fails(archiving: Founded) -> None:
    """A rehearsal must never pass for a backup of the real tenant."""
    file = Path(str(archiving.files["settings"]))
    file.write_text(file.read_text().replace("\nsimulated = true", "\nsimulated = false"))
    assert checks_of(archiving)["simulated"].result == FAIL


def test_doctor_runs_beside_a_run(archiving: Founded) -> None:
    """It takes no lock and writes nothing but the probe of a store."""
    state = Path(str(archiving.files["settings"])).parent / "state"
    before = {path: path.stat().st_mtime_ns for path in state.rglob("*")}
    checks_of(archiving)
    assert {path: path.stat().st_mtime_ns for path in state.rglob("*")} == before
    assert list((state.parent.parent / "archive").iterdir()) == []
