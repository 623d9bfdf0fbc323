"""Graph's shapes: what objects contain at any depth, lists that need a filter, parts sent on `$expand`, secrets."""

from __future__ import annotations

from typing import Any

import pytest

from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.graph.refusal import Refusal
from recovery.rehearsal.population.role_settings import PRIVILEGED_GROUPS
from tests.rehearsal.asking import aboves_of, answered

Found = list[dict[str, Any]]
DIRECTORY = "$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'"
PACKAGES = "identityGovernance/entitlementManagement/accessPackages"


@pytest.fixture(scope="module")
def tenant() -> SimulatedTenant:
    return SimulatedTenant(users=120)


def values_at(tenant: SimulatedTenant, path: str, options: str = "", version: str = "v1.0") -> Found:
    found: Found = answered(tenant, version, (path, options))["value"]
    return found


def refusal_of(tenant: SimulatedTenant, path: str, options: str = "", version: str = "v1.0") -> Refusal:
    with pytest.raises(Refusal) as refused:
        answered(tenant, version, (path, options))
    return refused.value


def test_what_a_contained_object_contains_is_found_through_both(tenant: SimulatedTenant) -> None:
    """A schema belongs to a job, and the job to a service principal."""
    principal, job = next(aboves_of(tenant.population, "synchronizationJobs"))
    path = f"servicePrincipals/{principal}/synchronization/jobs/{job}/schema"
    assert answered(tenant, "v1.0", (path, ""))["synchronizationRules"]
    assert refusal_of(tenant, path.replace(job, "none")).status == 404
    assert refusal_of(tenant, path.replace(principal, "none")).status == 404
    other = next(id for id in tenant.population.collections["servicePrincipals"] if id != principal)
    assert refusal_of(tenant, path.replace(principal, other)).status == 404


def test_a_contained_object_is_read_by_its_id_and_counted(tenant: SimulatedTenant) -> None:
    """As any other, below what contains it."""
    (name, _) = tenant.population.collections["domains"], None
    domain = next(iter(name))
    path = f"domains/{domain}/verificationDnsRecords"
    first, second = values_at(tenant, path)
    assert answered(tenant, "v1.0", (f"{path}/{second['id']}", ""))["recordType"] == "Mx"
    assert tenant.get(f"{path}/$count").body == b"2"
    assert values_at(tenant, path, f"$filter=id eq '{first['id']}'&$select=id,ttl") == [
        {"@odata.type": first["@odata.type"], "id": first["id"], "ttl": 3600}
    ]


def test_an_object_that_a_parent_does_not_have_is_not_found(tenant: SimulatedTenant) -> None:
    """One partner synchronizes identities; for the others Graph says 404, and that is no fault."""
    statuses = []
    for partner in tenant.population.collections["crossTenantAccessPolicyPartners"]:
        path = f"policies/crossTenantAccessPolicy/partners/{partner}/identitySynchronization"
        try:
            assert answered(tenant, "v1.0", (path, ""))["tenantId"] == partner
            statuses.append(200)
        except Refusal as refused:
            statuses.append(refused.status)
    assert sorted(statuses) == [200, 404, 404]


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("policies/roleManagementPolicies", "v1.0"),
        ("policies/roleManagementPolicyAssignments", "v1.0"),
        ("identityGovernance/privilegedAccess/group/eligibilitySchedules", "v1.0"),
        ("identityGovernance/privilegedAccess/group/assignmentSchedules", "v1.0"),
        ("identityGovernance/roleManagementAlerts/alertConfigurations", "beta"),
    ],
)
def test_a_list_of_privileged_identity_management_needs_its_filter(
    tenant: SimulatedTenant, path: str, version: str
) -> None:
    """Without it the service answers 400, and to another subject with another list."""
    assert refusal_of(tenant, path, version=version).status == 400
    assert refusal_of(tenant, path, "$filter=status eq 'Provisioned'", version).status == 400


def test_a_filter_tells_policies_of_roles_from_those_of_groups(tenant: SimulatedTenant) -> None:
    """One path, two collections, two permissions."""
    path = "policies/roleManagementPolicies"
    group = tenant.population.plan.id_of("groups", PRIVILEGED_GROUPS[0])
    of_group = f"$filter=scopeId eq '{group}' and scopeType eq 'Group'"
    roles, groups = values_at(tenant, path, DIRECTORY), values_at(tenant, path, of_group)
    assert {value["scopeType"] for value in roles} == {"DirectoryRole"}
    assert {value["scopeId"] for value in groups} == {group} and len(groups) == 2
    assert answered(tenant, "v1.0", (path, of_group), {"RoleManagementPolicy.Read.AzureADGroup"})["value"]
    with pytest.raises(Refusal, match="Insufficient"):
        answered(tenant, "v1.0", (path, of_group), {"RoleManagement.Read.Directory"})
    assert answered(tenant, "v1.0", (f"{path}/{groups[0]['id']}", ""))["scopeType"] == "Group"
    assert values_at(tenant, path, "$filter=scopeId eq 'none' and scopeType eq 'Group'") == []


def test_a_part_is_sent_when_it_is_expanded(tenant: SimulatedTenant) -> None:
    """Rules of a role's policy, the catalog of an access package: without `$expand` they are not there."""
    path = "policies/roleManagementPolicies"
    assert "rules" not in values_at(tenant, path, DIRECTORY)[0]
    assert len(values_at(tenant, path, f"{DIRECTORY}&$expand=rules")[0]["rules"]) == 17
    catalog = tenant.population.plan.id_of("catalogs", 1)
    assert values_at(tenant, PACKAGES, "$expand=catalog($select=id)")[0]["catalog"] == {"id": catalog}
    assert "catalog" not in values_at(tenant, PACKAGES)[0]
    assert refusal_of(tenant, PACKAGES, "$expand=rules").status == 400


def test_contained_objects_come_along_with_their_parents(tenant: SimulatedTenant) -> None:
    """`$expand=extensionProperties` gives each application's, an empty list where there is none."""
    apps = values_at(tenant, "applications", "$select=id&$expand=extensionProperties($select=id,name)")
    found = {app["id"]: app["extensionProperties"] for app in apps}
    (owner,) = {above[0] for above in aboves_of(tenant.population, "extensionProperties")} & {
        tenant.population.plan.id_of("applications", 1)
    }
    assert set(found[owner][0]) == {"id", "name"}
    assert [] in found.values()
    with pytest.raises(Refusal, match="Insufficient"):
        answered(tenant, "v1.0", ("users", "$select=id&$expand=extensions"), {"Directory.Read.All"})


def test_a_list_of_workflows_leaves_their_tasks_out(tenant: SimulatedTenant) -> None:
    """They come with one workflow."""
    path = "identityGovernance/lifecycleWorkflows/workflows"
    first = values_at(tenant, path)[0]
    assert "tasks" not in first
    assert len(answered(tenant, "v1.0", (f"{path}/{first['id']}", ""))["tasks"]) == 2


@pytest.mark.parametrize(
    ("path", "secret"),
    [("directory/deviceLocalCredentials", "credentials"), ("informationProtection/bitlocker/recoveryKeys", "key")],
)
def test_a_secret_is_sent_with_one_object_when_it_is_selected(tenant: SimulatedTenant, path: str, secret: str) -> None:
    """Neither a list nor an object that nobody asked the secret of has it."""
    first = values_at(tenant, path)[0]
    one = f"{path}/{first['id']}"
    assert secret not in first
    assert secret not in answered(tenant, "v1.0", (one, ""))
    assert answered(tenant, "v1.0", (one, f"$select=id,{secret}"))[secret]
    assert refusal_of(tenant, path, f"$select=id,{secret}").status == 501


def test_what_nobody_has_set_up_is_not_found(tenant: SimulatedTenant) -> None:
    """A tenant outside a multitenant organization has neither it nor a list of its tenants."""
    outside = SimulatedTenant(users=30)
    path = "tenantRelationships/multiTenantOrganization"
    assert len(values_at(outside, f"{path}/tenants")) == 2
    for collection in ("multiTenantOrganization", "multiTenantOrganizationTenants"):
        outside.alteration.hard_delete(collection, list(outside.population.collections[collection]))
    assert refusal_of(outside, path).status == 404
    assert refusal_of(outside, f"{path}/tenants").status == 404


def test_a_cast_gives_objects_that_a_plain_list_does_not_hold(tenant: SimulatedTenant) -> None:
    """Blueprints of agents and their sponsors, which are below `/applications/{id}`."""
    (blueprint,) = values_at(tenant, "applications/microsoft.graph.agentIdentityBlueprint")
    sponsors = values_at(tenant, f"applications/{blueprint['id']}/sponsors", "$select=id")
    assert {sponsor["@odata.type"] for sponsor in sponsors} == {"#microsoft.graph.user"}
    ordinary = next(iter(tenant.population.collections["applications"]))
    assert refusal_of(tenant, f"applications/{ordinary}/sponsors").status == 404


def test_what_only_beta_has_is_unknown_to_v1(tenant: SimulatedTenant) -> None:
    """An archiver that asks the wrong version learns it here."""
    path = "policies/externalIdentitiesPolicy"
    assert answered(tenant, "beta", (path, ""))["id"]
    assert refusal_of(tenant, path).status == 400


def test_a_property_with_its_own_permission_is_refused_without_it(tenant: SimulatedTenant) -> None:
    """The whole list, as Graph does."""
    roles = {"User.Read.All", "CustomSecAttributeAssignment.Read.All"}
    assert answered(tenant, "v1.0", ("users", "$select=id,customSecurityAttributes"), roles)
    with pytest.raises(Refusal, match="Insufficient"):
        answered(tenant, "v1.0", ("users", "$select=id,employeeLeaveDateTime"), roles)
    assert answered(
        tenant, "v1.0", ("users", "$select=id,employeeLeaveDateTime"), {*roles, "User-LifeCycleInfo.Read.All"}
    )


def test_what_grows_with_the_tenant_is_more_in_a_larger_one() -> None:
    """Contacts, agents and registrations; policies do not."""
    small, large = SimulatedTenant(users=30).population, SimulatedTenant(users=600).population
    for name in ("contacts", "agentIdentities", "assignments", "userRegistrationDetails"):
        assert len(large.collections[name]) > len(small.collections[name]) > 0
    assert len(large.collections["claimsMappingPolicies"]) == len(small.collections["claimsMappingPolicies"])


def test_registrations_say_what_the_methods_are(tenant: SimulatedTenant) -> None:
    """A report that contradicts the methods would train nobody."""
    details = {
        value["id"]: value for value in values_at(tenant, "reports/authenticationMethods/userRegistrationDetails")
    }
    assert set(details) == set(tenant.population.collections["users"])
    for user, report in details.items():
        kinds = [each["@odata.type"] for each in values_at(tenant, f"users/{user}/authentication/methods")]
        assert kinds[0] == "#microsoft.graph.passwordAuthenticationMethod"
        assert len(report["methodsRegistered"]) == len(kinds) - 1
        assert report["isPasswordlessCapable"] == ("#microsoft.graph.fido2AuthenticationMethod" in kinds)
    assert len({len(report["methodsRegistered"]) for report in details.values()}) > 2
