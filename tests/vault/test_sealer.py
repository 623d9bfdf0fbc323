"""Sealing: what is sealed is what was read, and nothing is sealed that would be unsafe."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.vault.host import Host, user
from vault.errors import CanaryUnprovedError, RecipientRefusedError, SealMismatchError
from vault.sealing.age_file import AgeFile
from vault.sealing.sealer import Sealer
from vault.signing.signer import Signer
from vault.spooling.spool import Spool
from vault.trust import new_identity
from verify.errors import RefusedError, WrongArchiveError
from verify.gap import Gap

DAY = [user(number) for number in range(3000)]
NEXT_DAY = [user(number, "Bergen" if number % 100 == 0 else "Oslo") for number in range(50, 3020)]


def test_the_second_day_is_a_small_delta_on_the_first(host: Host) -> None:
    """Space and bandwidth follow the change, not the tenant."""
    full = host.seal(DAY)
    delta = host.seal(NEXT_DAY)
    assert (full.bundle.kind, delta.bundle.kind) == ("full", "delta")
    assert delta.bundle.added["users"] == 20
    assert delta.bundle.changed["users"] == 29
    assert delta.bundle.removed["users"] == 50
    assert delta.bundle.state_count == len(NEXT_DAY)
    assert delta.bundle.size_bytes < full.bundle.size_bytes / 4


def test_a_delta_and_a_full_of_one_tenant_have_one_state_root_per_epoch(host: Host) -> None:
    """The state root is of the tenant, not of the way in which it was stored."""
    host.seal(DAY)
    delta = host.seal(NEXT_DAY)
    again = host.seal(NEXT_DAY)
    assert delta.bundle.state_root == again.bundle.state_root


def test_an_unchanged_tenant_seals_to_an_empty_delta(host: Host) -> None:
    """A quiet day costs a few kilobytes and still is a snapshot."""
    full = host.seal(DAY)
    delta = host.seal(DAY)
    assert (delta.bundle.added.total(), delta.bundle.changed.total(), delta.bundle.removed.total()) == (0, 0, 0)
    assert delta.bundle.state_root == full.bundle.state_root


def test_an_empty_tenant_can_be_sealed(host: Host) -> None:
    """A reader with no permission at all reads nothing; the snapshot says so with gaps."""
    sealed = host.seal([], gaps=[Gap("users", None, None, "forbidden", "403")])
    assert sealed.bundle.state_count == 0


@pytest.mark.parametrize("days", [6, 7, 8])
def test_a_new_week_begins_a_new_epoch(host: Host, days: int) -> None:
    """The first day is a Monday: six days later the week is the same, after seven it is not."""
    host.seal(DAY, days=days)
    assert host.seal(DAY).bundle.kind == ("delta" if days == 6 else "full")


def test_a_large_change_is_sealed_as_a_full(host: Host) -> None:
    """A delta of more than a quarter of the full is not worth its dependence."""
    host.seal(DAY)
    sealed = host.seal([user(number, "Bergen") for number in range(3000)])
    assert sealed.bundle.kind == "full"
    assert "quarter" in (sealed.why_full or "")


def test_a_damaged_epoch_table_leads_to_a_full(host: Host) -> None:
    """A wrong table would make a delta that leaves changes out."""
    host.seal(DAY)
    path = host.ledger.table_path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert host.seal(DAY).bundle.kind == "full"


def test_a_lost_epoch_table_leads_to_a_full(host: Host) -> None:
    """The archive is never read back to rebuild it."""
    host.seal(DAY)
    host.ledger.table_path.unlink()
    assert host.seal(DAY).why_full == "the epoch table is lost"


def test_a_clock_set_back_leads_to_a_full(host: Host) -> None:
    """A delta must not be older than what it leans on."""
    host.now += timedelta(days=1)
    host.seal(DAY, days=1)
    host.now -= timedelta(days=1, hours=1)
    assert host.seal(DAY).bundle.kind == "full"


def test_an_unproved_recipient_is_refused(tmp_path: Path) -> None:
    """Years of bundles that nobody can open is the worst failure of a put-only archive."""
    host = Host(tmp_path)
    with pytest.raises(CanaryUnprovedError):
        host.seal(DAY)
    assert not host.archive.exists()


def test_a_wrong_canary_content_proves_nothing(tmp_path: Path) -> None:
    """The proof is the content, not the claim."""
    host = Host(tmp_path)
    with pytest.raises(CanaryUnprovedError):
        host.sealer().record_canary(host.identity.recipient, b"guess", host.rules())


def test_a_recipient_that_the_trust_root_does_not_name_is_refused(host: Host) -> None:
    """Whoever can edit the settings must not be able to add himself as a reader."""
    rules = host.rules(recipients=[new_identity().recipient])
    with pytest.raises(RecipientRefusedError, match="not named"):
        host.sealer().require_recipients(rules)


def test_a_recipient_before_its_time_is_refused(host: Host) -> None:
    """A clock that was set back would seal what no verifier accepts; better no run."""
    host.now = host.chain.recipients[host.identity.recipient.fingerprint].not_before - timedelta(seconds=1)
    with pytest.raises(RecipientRefusedError, match="in force from"):
        host.sealer().require_recipients(host.rules())


def test_no_recipient_at_all_is_refused(host: Host) -> None:
    """An empty list must never mean "not encrypted"."""
    with pytest.raises(RecipientRefusedError, match="empty"):
        host.sealer().require_recipients(host.rules(recipients=[]))


def test_a_signer_that_the_trust_root_does_not_name_is_refused(host: Host) -> None:
    """Statements that nobody can verify are worth nothing; better no run."""
    stranger = Signer.generate()
    host.sealer()
    with pytest.raises(RefusedError, match="sealer key"):
        Sealer(stranger, host.chain, host.files, host.ledger, lambda: host.now)
    with pytest.raises(RefusedError, match="log key"):
        Sealer(Signer(host.signer.sealer, stranger.log), host.chain, host.files, host.ledger, lambda: host.now)


def test_another_tenant_does_not_land_in_this_archive(host: Host) -> None:
    """Two tenants in one series would make every difference nonsense."""
    host.seal(DAY)
    with pytest.raises(WrongArchiveError):
        host.sealer().require_tenant("99999999-0000-0000-0000-000000000000", True)


def test_a_bit_that_flips_between_sealing_and_signing_is_found(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """The double computation exists for this; nothing may be stored."""
    real_close = AgeFile.close

    def close_and_flip(age: AgeFile) -> None:
        real_close(age)
        if age.bytes_written > 10_000:
            target = age._target
            target.flush()
            path = Path(target.name)
            content = bytearray(path.read_bytes())
            content[5000] ^= 4
            path.write_bytes(content)

    monkeypatch.setattr(AgeFile, "close", close_and_flip)
    before = sorted(path.name for path in host.folder.rglob("*") if path.is_file())
    with pytest.raises(SealMismatchError):
        host.seal(DAY)
    assert host.sealer() is not None
    after = sorted(path.name for path in host.folder.rglob("*") if path.is_file())
    assert before == after


def test_a_worker_that_dies_is_an_error_and_leaves_nothing(host: Host) -> None:
    """A process killed for memory must not look like an empty collection."""
    import os
    from concurrent.futures.process import BrokenProcessPool

    with (
        Spool(host.folder / "spool", 1) as spool,
        pytest.raises(BrokenProcessPool),
    ):
        spool.call(os._exit, 1).result()


def test_a_gap_does_not_lower_what_drops_are_measured_by(host: Host) -> None:
    """After a night that could not read users, the next must still notice that half of them are gone."""
    host.seal(DAY)
    known = host.sealer()._ledger.head.objects["users"]
    assert known == len(DAY)
    host.seal(DAY[:3], gaps=[Gap("users", None, None, "forbidden", "403")])
    assert host.sealer()._ledger.head.objects["users"] == known
    host.seal(DAY[:3])
    assert host.sealer()._ledger.head.objects["users"] == 3
