"""When a run may read by what changed, and which links a full leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.gathering.gathered import ChangeReport, Closure, Gathered
from archiver.gathering.since import ChangeLink, Dangling, RecoveryTrace, Remarks
from archiver.graph.catalogue import load_catalogue
from archiver.reading_plan import plan_by_changes, remarks_of, usable_links_of
from archiver.state.change_links import ChangeLinks
from archiver.state.state_folder import StateFolder
from archiver.vaulting import Vaulting
from tests.vault.host import TENANT, Host, user
from verify.gap import Gap
from verify.strict_json import text_of_time

NOTHING = RecoveryTrace({"job-1": True}, None)
LINK = ChangeLink("https://graph/users/delta?$deltatoken=a", "shape")

LOST = "deadbeef-0000-4000-8000-000000000001"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    host = Host(tmp_path)
    host.prove()
    return host


def opened(host: Host) -> Vaulting:
    """What a plan looks at."""
    sealer = host.sealer()
    return Vaulting(host.chain, host.ledger, sealer, host.rules(), (host.store,))


def kept(host: Host, state: StateFolder, full: str) -> datetime:
    """Keeps links as the run of that full does."""
    ChangeLinks.of(full, host.now, NOTHING, {"users": LINK}, Remarks()).write(state.changes_file)
    return host.now


def with_gaps(gaps: Sequence[Gap], links: Mapping[str, ChangeLink]) -> Gathered:
    """A reading that left those gaps and took those links."""
    return Gathered(
        counts={},
        complete=(),
        gaps=tuple(gaps),
        completeness=(),
        requests=0,
        throttled=0,
        resource_units=0.0,
        graph_date=None,
        taken_at=datetime(2026, 11, 21, tzinfo=UTC),
        tenant_id=TENANT,
        simulated=True,
        changes=ChangeReport({}, {}, links, NOTHING),
        closure=Closure((), 0, {}),
    )


def test_a_run_goes_on_from_the_links_of_the_epochs_full(host: Host, tmp_path: Path) -> None:
    """The links, the time before which they were taken, and what the full holds."""
    state = StateFolder(tmp_path / "state")
    full = host.seal([user(n) for n in range(3)])
    began = kept(host, state, full.manifest_sha256)
    since = plan_by_changes(opened(host), state, host.now).since
    assert since is not None
    assert since.links == {"users": LINK} and since.began_at == began and since.recovery == NOTHING
    assert len(list(since.known.ids_of("users"))) == 3


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda file: file.unlink(), "no links"),
        (lambda file: file.write_text("{}"), "no links"),
        (lambda file: file.write_text("[" * 100_000), "no links"),
        (lambda file: file.write_text(file.read_text().replace('"links"', '"lines"')), "no links"),
        (lambda file: file.write_text(file.read_text().replace('sha256":"', 'sha256":"0')), "no links"),
        (lambda file: (file.unlink(), file.mkdir()), "can't be read"),
    ],
)
def test_links_that_are_not_those_of_the_full_are_not_used(host: Host, tmp_path: Path, spoil: object, why: str) -> None:
    """A run that was killed between its commit and its links leaves those of the epoch before."""
    state = StateFolder(tmp_path / "state")
    full = host.seal([user(1)])
    kept(host, state, full.manifest_sha256)
    assert callable(spoil)
    spoil(state.changes_file)
    plan = plan_by_changes(opened(host), state, host.now)
    assert plan.since is None and why in (plan.why_everything or "")


def test_where_a_full_is_due_everything_is_read(host: Host, tmp_path: Path) -> None:
    """At first, in a new week, and where the table is lost."""
    state = StateFolder(tmp_path / "state")
    assert "no full" in (plan_by_changes(opened(host), state, host.now).why_everything or "")
    full = host.seal([user(1)])
    kept(host, state, full.manifest_sha256)
    later = host.now + timedelta(days=8)
    assert "new epoch" in (plan_by_changes(opened(host), state, later).why_everything or "")
    host.ledger.table_path.unlink()
    assert "table" in (plan_by_changes(opened(host), state, host.now).why_everything or "")


def test_a_full_with_gaps_leaves_no_link_for_what_it_did_not_see() -> None:
    """What a gap hid is never named as changed; who merely went in the meantime will be."""
    rows = load_catalogue().chosen(["users", "groups", "applications", "devices", "servicePrincipals"])
    gaps = [
        Gap("users", "sponsors", None, "forbidden", ""),
        Gap("groups", "members", "g1", "not-found", "it went"),
        Gap("applications", None, "a1", "malformed-page", ""),
        Gap("administrativeUnits", "members", None, "forbidden", ""),
        Gap("devices", None, None, "not-found", ""),
    ]
    links = dict.fromkeys(("users", "groups", "applications", "devices", "servicePrincipals"), LINK)
    assert set(usable_links_of(with_gaps(gaps, links), rows)) == {"users", "groups", "servicePrincipals"}
    gaps.append(Gap("groups", "members", "g2", "server-error", ""))
    assert set(usable_links_of(with_gaps(gaps, links), rows)) == {"users", "servicePrincipals"}
    gaps[2:3] = [Gap("applications", "owners", None, "server-error", "")]
    assert set(usable_links_of(with_gaps(gaps, links), rows)) == {"users", "servicePrincipals", "applications"}
    gaps[2:3] = [Gap("applications", "logo", "a2", "server-error", "")]
    assert set(usable_links_of(with_gaps(gaps, links), rows)) == {"users", "servicePrincipals"}


def test_what_was_not_found_in_a_full_is_remembered() -> None:
    """A replica that lags says 404 too, and what did not go will never be named."""
    rows = load_catalogue().chosen(["users", "groups", "conditionalAccessPolicies"])
    gaps = [
        Gap("groups", "members", "g1", "not-found", "it went"),
        Gap("groups", "owners", "g1", "not-found", "it went"),
        Gap("users", None, "u7", "not-found", "it went"),
        Gap("users", "sponsors", "u8", "not-found", "it went"),
        Gap("groups", "members", "g2", "server-error", ""),
        Gap("conditionalAccessPolicies", None, "p", "not-found", ""),
    ]
    assert remarks_of(with_gaps(gaps, {}), rows).missed == {"groups": ["g1"], "users": ["u7"]}


def test_links_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Times are cut to seconds, downwards: what changed in between is then named once more."""
    now = datetime.fromisoformat("2026-11-21T02:17:09.9+00:00")
    remarks = Remarks(
        frozenset({"users"}),
        {"groups": ["g1"]},
        [Dangling(LOST, "groups.members", "g1")],
        150,
    )
    ChangeLinks.of("ab", now, NOTHING, {"users": LINK}, remarks).write(tmp_path / "changes.json")
    read = ChangeLinks.load(tmp_path / "changes.json")
    assert read is not None and read.remarks == remarks
    assert read is not None and read.links == {"users": LINK}
    assert read.began_at == text_of_time(now) == "2026-11-21T02:17:09Z"
    assert (tmp_path / "changes.json").stat().st_mode & 0o777 == 0o600


def test_links_of_before_there_was_a_number_of_what_is_untold_are_read(tmp_path: Path) -> None:
    """Another release wrote them: nothing has to be read anew for a number."""
    remarks = Remarks(frozenset(), {}, [Dangling(LOST, "groups.members", "g1")], 7)
    file = tmp_path / "changes.json"
    ChangeLinks.of("ab", datetime(2026, 11, 21, tzinfo=UTC), NOTHING, {"users": LINK}, remarks).write(file)
    file.write_text(file.read_text().replace(',"dangling_untold":7', ""))
    read = ChangeLinks.load(file)
    assert read is not None and read.remarks == Remarks(frozenset(), {}, remarks.dangling)


def test_links_with_an_id_that_is_none_are_no_links(tmp_path: Path) -> None:
    """Somebody's edit, or a disk's: the next runs read everything."""
    remarks = Remarks(frozenset(), {}, [Dangling("zzz", "groups.members", "g1")])
    now = datetime(2026, 11, 21, tzinfo=UTC)
    ChangeLinks.of("ab", now, NOTHING, {"users": LINK}, remarks).write(tmp_path / "changes.json")
    assert ChangeLinks.load(tmp_path / "changes.json") is None
