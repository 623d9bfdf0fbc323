"""Whole runs against a tenant that speaks HTTPS: what they leave behind, and what they do when things go wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.canary_proof import prove_canaries
from archiver.errors import AnotherRunError, SimulatedTenantError
from archiver.graph.errors import CredentialRefusedError
from archiver.state.state_folder import StateFolder
from config.errors import SettingsError
from config.loading import load_settings
from recovery.difference import compare
from recovery.rehearsal.population.permissions import READ_ROLES
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from strongroom.clock import now
from tests.archiver.place import Place
from vault.errors import CanaryUnprovedError, ForkRefusedError, NameTakenError, StoreBehindError, StoreUnreachableError
from vault.mirror import mirror

STORY = "two-changes-and-an-attack"


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTenant]:
    """A tenant of 60 users."""
    with simulated_tenant(tmp_path_factory.mktemp("tenant"), users=60) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, tenant: RunningTenant) -> Place:
    """A new archive of the tenant."""
    return Place(tmp_path, tenant)


def test_a_record_goes_all_the_way_from_a_page_to_a_difference(tmp_path: Path) -> None:
    """The spine: page, record, snapshot, bundle, receipt, verified snapshot, difference."""
    with simulated_tenant(tmp_path / "tenant", users=80) as tenant:
        place = Place(tmp_path, tenant)
        first = place.run()
        changed = tenant.attack(STORY)
        second = place.run()
    assert (first["kind"], second["kind"]) == ("full", "delta")
    assert first["stores"][0]["outcome"] == second["stores"][0]["outcome"] == "acknowledged"
    assert first["stores"][0]["retain_until"] is None, "a folder locks nothing, whatever the manifest asks for"
    assert place.verdict(1) == "PASS"
    archive = place.opened()
    before, after = (archive.open_snapshot(archive.manifest(number), place.identities) for number in (1, 2))
    difference = compare(before, after)
    named = {(entry.object.collection, entry.object.id) for entry in difference.objects}
    planted = {(one["collection"], one["id"]) for one in changed if not one["collection"].startswith("deleted")}
    assert planted <= named
    assert all(entry.attributes or entry.links or entry.change != "changed" for entry in difference.objects)


def test_an_unchanged_tenant_has_one_state_root(place: Place) -> None:
    """Two readings of one tenant must be one state, or differences mean nothing."""
    assert place.run()["state_root"] == place.run()["state_root"]


def test_only_one_run_holds_the_state(place: Place) -> None:
    """Two runs at once would fork the log."""
    with StateFolder(place.settings_file.parent / "state").locked(), pytest.raises(AnotherRunError, match="holds"):
        place.run()


def test_a_store_that_is_away_is_caught_up_by_the_next_run(place: Place) -> None:
    """An unplugged disk must cost nothing but time."""
    place.run()
    away = place.archive.with_name("away")
    place.archive.rename(away)
    place.archive.write_bytes(b"")
    result = place.attempt()
    assert isinstance(result.error, StoreUnreachableError)
    assert result.exit_status == 3
    assert result.document["stores"][0]["outcome"] == "spooled"
    place.archive.unlink()
    away.rename(place.archive)
    assert place.run()["sequence"] == 3
    assert place.verdict(1) == "PASS"
    assert [manifest.sequence for manifest in place.opened().manifests()] == [3, 2, 1]


def test_a_store_that_can_not_be_looked_at_costs_the_others_nothing(place: Place) -> None:
    """A path that its file system does not take stands for every store of which not even a stat succeeds."""
    with place.settings_file.open("a", encoding="utf-8") as settings:
        settings.write(f'\n[[stores]]\nname = "second"\nurl = "dir:{place.archive.parent / ("x" * 300)}"\n')
        settings.write('retention_days = 30\nmode = "none"\n')
    for _ in range(2):
        assert [store["outcome"] for store in place.run()["stores"]] == ["acknowledged", "spooled"]
    text = place.settings_file.read_text("utf-8")
    place.settings_file.write_text(text.replace("[archive]", "[archive]\nstore_quorum = 2", 1), "utf-8")
    result = place.attempt()
    assert isinstance(result.error, StoreUnreachableError) and result.exit_status == 3
    assert place.verdict(1) == "PASS"


def test_nothing_of_a_later_commit_reaches_a_store_before_the_earlier_ones(place: Place) -> None:
    """A checkpoint that commits to entries which the store lacks makes a healthy archive FAIL."""
    place.run()
    away = place.archive.with_name("away")
    place.archive.rename(away)
    place.archive.write_bytes(b"")
    place.attempt()
    place.archive.unlink()
    away.rename(place.archive)
    waiting = StateFolder(place.settings_file.parent / "state").ledger / "outbox"
    (commit,) = waiting.iterdir()
    segments = next(iter(sorted(commit.glob("put-*"))))
    hidden = waiting.parent / "hidden"
    segments.rename(hidden)
    assert place.attempt().document["stores"][0]["outcome"] == "spooled"
    assert place.verdict(0) == "PASS"
    hidden.rename(segments)
    place.run()
    assert place.verdict(1) == "PASS"


@pytest.mark.parametrize("keep", [0, 2], ids=["emptied", "rolled back"])
def test_a_store_that_lost_what_it_acknowledged_gets_nothing_more(place: Place, tmp_path: Path, keep: int) -> None:
    """A new snapshot on top of a missing past is a success that nobody can verify."""
    for number in range(3):
        if number == keep and keep:
            shutil.copytree(place.archive, tmp_path / "older")
        place.run()
    shutil.rmtree(place.archive)
    if keep:
        (tmp_path / "older").rename(place.archive)
    result = place.attempt()
    assert isinstance(result.error, StoreBehindError)
    assert result.exit_status == 3
    assert result.document["stores"][0]["outcome"] == "spooled"
    if keep:
        assert place.verdict(1) == "PASS"


def test_another_archive_s_store_is_left_alone(place: Place, tmp_path: Path, tenant: RunningTenant) -> None:
    """Two disks that were swapped must not spoil each other."""
    other = Place(tmp_path / "other", tenant)
    other.run()
    place.run()
    place.run()
    shutil.rmtree(place.archive)
    shutil.copytree(other.archive, place.archive)
    assert isinstance(place.attempt().error, StoreBehindError)
    shutil.rmtree(other.archive)
    place.archive.rename(other.archive)
    assert other.verdict(1) == "PASS"


def test_a_collection_that_does_not_exist_is_a_mistake_in_the_settings(place: Place) -> None:
    """A name with a letter wrong must not end as "nothing required"."""
    text = place.settings_file.read_text(encoding="utf-8")
    assert "[export]" in text
    lines = [line for line in text.splitlines() if not line.startswith("require")]
    place.settings_file.write_text(
        "\n".join(lines).replace("[export]", '[export]\nrequire = ["usres"]'), encoding="utf-8"
    )
    with pytest.raises(SettingsError, match="usres"):
        place.run()


def test_a_name_that_somebody_else_took_stops_the_run(place: Place) -> None:
    """Nothing is written over, and a person has to look."""
    place.run()
    entries = place.archive / "log" / "entries"
    foreign = entries / f"{len(list(entries.iterdir())):08d}.dsse.json"
    foreign.write_bytes(b"foreign")
    result = place.attempt()
    assert isinstance(result.error, NameTakenError)
    assert result.exit_status == 22
    assert foreign.read_bytes() == b"foreign"


def test_a_failed_run_is_signed_into_the_log(place: Place) -> None:
    """A day without a snapshot must have a signed reason."""
    place.run()
    secret = place.settings_file.parent / "wrong.txt"
    secret.write_text("wrong\n", encoding="ascii")
    secret.chmod(0o600)
    text = place.settings_file.read_text(encoding="utf-8")
    wrong = text.replace('kind = "certificate"', 'kind = "secret"')
    lines = [
        f'secret_file = "{secret}"' if line.startswith("certificate_file") else line for line in wrong.splitlines()
    ]
    place.settings_file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(CredentialRefusedError):
        place.attempt()
    types = [statement.type for _, statement in place.opened().statements()]
    assert types == ["run", "manifest", "events", "canary"]
    assert place.verdict(0) == "PASS"
    assert StateFolder(place.settings_file.parent / "state").history()[-1].outcome == "failed"


def test_an_unproved_recipient_is_refused_and_nothing_is_stored(place: Place) -> None:
    """Without proof that somebody can open it, there is no run."""
    shutil.rmtree(place.settings_file.parent / "state")
    with pytest.raises(CanaryUnprovedError):
        place.run()
    assert not (place.archive / "bundles").exists()


def test_a_simulated_tenant_is_refused_by_settings_for_a_real_one(place: Place) -> None:
    """A rehearsal must never be archived as the tenant."""
    text = place.settings_file.read_text(encoding="utf-8")
    place.settings_file.write_text(text.replace("simulated = true", "simulated = false"), encoding="utf-8")
    with pytest.raises(SimulatedTenantError):
        place.run()


def test_a_withdrawn_permission_is_a_gap_and_an_exit_status_of_3(place: Place, tenant: RunningTenant) -> None:
    """The snapshot is sealed with what could be read; what could not is signed for, and the operator is told."""
    place.run()
    tenant.set_roles([role for role in READ_ROLES if not role.startswith(("Policy.Read.All", "Policy.Read.Cond"))])
    try:
        result = place.attempt()
    finally:
        tenant.set_roles(READ_ROLES)
    assert result.exit_status == 3
    gaps = {(gap["collection"], gap["reason"]) for gap in result.document["gaps"]}
    assert ("conditionalAccessPolicies", "forbidden") in gaps
    archive = place.opened()
    before, after = (archive.open_snapshot(archive.manifest(number), place.identities) for number in (1, 2))
    difference = compare(before, after)
    assert not [entry for entry in difference.objects if entry.object.collection == "conditionalAccessPolicies"]
    assert any(entry["collection"] == "conditionalAccessPolicies" for entry in difference.unknown)
    assert place.verdict(1) == "PASS"


def test_a_store_that_is_added_later_is_filled_by_a_mirror_and_goes_on(place: Place) -> None:
    """Second stores are bought after the first year; nothing may say that they hold what they do not."""
    place.run()
    place.run()
    second = place.archive.with_name("second")
    with place.settings_file.open("a", encoding="utf-8") as settings:
        settings.write(f'\n[[stores]]\nname = "second"\nurl = "dir:{second}"\nretention_days = 30\nmode = "none"\n')
    for _ in range(2):
        result = place.attempt()
        assert isinstance(result.error, StoreBehindError)
        assert result.exit_status == 3
        outcomes = [store["outcome"] for store in result.document["stores"]]
        assert outcomes == ["acknowledged", "spooled"]
    mirror(place.opened(), second, since=0, now=now())
    assert [store["outcome"] for store in place.run()["stores"]] == ["acknowledged", "acknowledged"]
    shutil.rmtree(place.archive)
    second.rename(place.archive)
    assert place.verdict(1) == "PASS"
    assert [manifest.sequence for manifest in place.opened().manifests()] == [5, 4, 3, 2, 1]


def test_a_store_that_came_back_old_is_filled_by_a_mirror_and_goes_on(place: Place, tmp_path: Path) -> None:
    """A disk was restored from last week's copy: the other store has what it lacks."""
    place.run()
    shutil.copytree(place.archive, tmp_path / "older")
    place.run()
    whole = place.archive.with_name("whole")
    place.archive.rename(whole)
    (tmp_path / "older").rename(place.archive)
    assert isinstance(place.attempt().error, StoreBehindError)
    mirror(place.opened(whole), place.archive, since=0, now=now())
    place.run()
    assert place.verdict(1) == "PASS"


@pytest.mark.parametrize("older", [False, True], ids=["lost", "of an older day"])
def test_a_host_whose_state_is_behind_its_store_does_not_go_on(place: Place, tmp_path: Path, older: bool) -> None:
    """It would sign a second history, and the store would be accused of holding the first."""
    place.run()
    state = place.settings_file.parent / "state"
    shutil.copytree(state, tmp_path / "kept")
    place.run()
    shutil.rmtree(state)
    if older:
        shutil.copytree(tmp_path / "kept", state)
    for _ in range(2):
        with pytest.raises(ForkRefusedError, match="the state was lost, or is of an older day"):
            place.run()
        with pytest.raises(ForkRefusedError):
            prove_canaries(load_settings(place.settings_file, {}), StateFolder(state), place.identities, now)
    assert place.verdict(1) == "PASS"


def test_two_archives_in_one_folder_are_told_apart(place: Place, tmp_path: Path, tenant: RunningTenant) -> None:
    """Two archives founded side by side name the same folder; the second to come must hear why, and spoil nothing."""
    other = Place(tmp_path / "other", tenant)
    shutil.rmtree(other.archive, ignore_errors=True)
    place.run()
    other.archive.symlink_to(place.archive)
    result = other.attempt()
    assert isinstance(result.error, NameTakenError)
    assert "holds another archive" in result.error.message
    assert place.verdict(1) == "PASS"
