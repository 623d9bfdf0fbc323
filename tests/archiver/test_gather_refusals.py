"""Gathering: when nothing may be read at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web

from archiver.errors import SimulatedTenantError, WriteRolesError, WrongTenantError
from archiver.graph.errors import CredentialRefusedError, GraphUnreachableError
from tests.archiver.gather_kit import (
    error_answer,
    gathered_from,
    with_users,
)
from tests.graph.small_tenant import SmallTenant


def test_an_app_that_may_write_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    """Whoever steals the archive host must not be able to change the tenant."""
    asked: list[SmallTenant] = []
    with pytest.raises(WriteRolesError) as caught:
        gathered_from(tmp_path, ["users"], asked.append, roles=("User.ReadWrite.All", "User.Read.All"))
    assert "User.ReadWrite.All" in caught.value.message
    assert caught.value.exit_status == 4
    assert asked[0].asked == []


def test_an_app_that_may_write_is_used_where_the_settings_allow_it(tmp_path: Path) -> None:
    """Some tenants have no other; the operator has said so."""
    gathered, _, _ = gathered_from(
        tmp_path,
        ["domains"],
        lambda tenant: tenant.lists.update({"/domains": [{"id": "contoso.com"}]}),
        roles=("Domain.ReadWrite.All", "Domain.Read.All"),
        export={"allow_write_roles": True},
    )
    assert gathered.counts == {"domains": 1} and gathered.gaps == ()


def test_an_app_with_a_directory_role_that_may_write_is_refused(tmp_path: Path) -> None:
    """An application that is Global Administrator needs no permission of Graph's to change everything."""
    administrator = "62e90394-69f5-4237-9190-012177145e10"
    with pytest.raises(WriteRolesError) as caught:
        gathered_from(tmp_path, ["users"], directory_roles=(administrator,))
    assert f"directory role {administrator}" in caught.value.message


def test_a_simulated_tenant_is_refused_by_settings_for_a_real_one(tmp_path: Path) -> None:
    """An archive of a simulation must never pass for the tenant's."""
    asked: list[SmallTenant] = []
    with pytest.raises(SimulatedTenantError):
        gathered_from(tmp_path, ["users"], asked.append, settings={"simulated": False})
    assert len(asked[0].asked) == 1


def test_a_real_tenant_is_refused_by_settings_for_a_simulated_one(tmp_path: Path) -> None:
    """A rehearsal must never touch the real one."""
    with pytest.raises(SimulatedTenantError):
        gathered_from(tmp_path, ["users"], simulated=False, settings={"simulated": True})


def test_another_tenant_than_the_one_asked_for_is_refused(tmp_path: Path) -> None:
    """Its records would go into the wrong archive."""
    with pytest.raises(WrongTenantError):
        gathered_from(tmp_path, ["users"], settings={"id": "00000000-2222-4333-8444-555555555555"})


def test_a_credential_that_is_refused_ends_the_run_with_its_own_error(tmp_path: Path) -> None:
    """Not with a group of errors, and not with thirty gaps."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        tenant.on("/users", error_answer(401))

    with pytest.raises(CredentialRefusedError):
        gathered_from(tmp_path, ["users"], prepare)


def test_a_secret_that_vanishes_is_a_refused_credential_once_a_new_token_is_needed(tmp_path: Path) -> None:
    """Until then the one in memory is good."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        tenant.authority_faults.append(lambda _: (tmp_path / "secret").unlink(missing_ok=True))

    assert gathered_from(tmp_path, ["users"], prepare)[0].gaps == ()

    def expire(tenant: SmallTenant) -> None:
        prepare(tenant)
        tenant.on("/users", error_answer(401), times=1)

    with pytest.raises(CredentialRefusedError, match="No such file") as caught:
        gathered_from(tmp_path, ["users"], expire)
    assert caught.value.exit_status == 11


def test_an_authority_that_refuses_in_mid_run_is_a_refused_credential(tmp_path: Path) -> None:
    """The application was disabled: asking on is hopeless."""
    denied = b'{"error":"unauthorized_client","error_description":"AADSTS7000112: Application is disabled."}'

    def prepare(tenant: SmallTenant) -> None:
        with_users(3)(tenant)
        tenant.on("/users", error_answer(401))
        tenant.authority_faults.append(
            lambda _: web.Response(status=401, body=denied, content_type="application/json") if tenant.tokens else None
        )

    with pytest.raises(CredentialRefusedError, match="AADSTS7000112"):
        gathered_from(tmp_path, ["users"], prepare)


def test_permissions_that_are_withdrawn_in_mid_run_are_gaps_at_once(tmp_path: Path) -> None:
    """What was read is kept, and nothing is asked twice."""

    def prepare(tenant: SmallTenant) -> None:
        with_users(500)(tenant)
        tenant.lists["/domains"] = [{"id": "contoso.com"}]
        tenant.faults.append(lambda _: error_answer(403)() if len(tenant.asked) > 6 else None)

    gathered, sink, tenant = gathered_from(tmp_path, ["users", "domains"], prepare)
    assert {gap.reason for gap in gathered.gaps} == {"forbidden"}
    assert sink.values("users")
    refused = tenant.asked[6:]
    assert len(set(refused)) == len(refused)


def test_nobody_there_at_the_start_is_an_error_and_no_snapshot_of_gaps(tmp_path: Path) -> None:
    """A snapshot of nothing helps nobody; the operator has to know."""
    with pytest.raises(GraphUnreachableError):
        gathered_from(tmp_path, ["users"], lambda tenant: tenant.reset_on("/organization", times=1000))
