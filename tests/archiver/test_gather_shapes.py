"""Collections of every shape that the catalogue knows: one object a parent, objects below objects, bytes, filters."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from archiver.gathering import related_reading
from tests.archiver.gather_kit import PNG, error_answer, gathered_from, lines_of, reasons_of
from tests.graph.small_tenant import SmallTenant

GATEWAY_PAGE = {"status": 404, "headers": {"Content-Type": "text/html"}, "body": base64.b64encode(b"<html>").decode()}
NOT_FOUND = {"status": 404, "headers": {}, "body": {"error": {"code": "ResourceNotFound", "message": "none"}}}
ALWAYS = 1_000_000


def gateway_page() -> web.StreamResponse:
    """What answers in Graph's place where no way leads to Graph."""
    return web.Response(status=404, text="<html>", content_type="text/html")


def with_jobs(tenant: SmallTenant) -> None:
    tenant.lists["/servicePrincipals"] = [{"id": "sp0"}, {"id": "sp1"}]
    tenant.related["/servicePrincipals/sp0/synchronization/jobs"] = [{"id": "job0"}, {"id": "job1"}]
    for job in ("job0", "job1"):
        tenant.singles[f"/servicePrincipals/sp0/synchronization/jobs/{job}/schema"] = {"id": job, "version": "v1"}


def test_an_object_below_an_object_has_the_whole_way_to_it_in_its_record(tmp_path: Path) -> None:
    """A schema is found through its job and its service principal, and goes back there."""
    gathered, sink, _ = gathered_from(tmp_path, ["synchronizationSchema"], with_jobs)
    assert gathered.counts["synchronizationJobs"] == gathered.counts["synchronizationSchema"] == 2
    assert [line["parent"] for line in lines_of(sink, "synchronizationSchema")] == [
        ["servicePrincipals", "sp0", "synchronizationJobs", "job0"],
        ["servicePrincipals", "sp0", "synchronizationJobs", "job1"],
    ]


def test_the_one_object_of_a_parent_bears_its_collections_name(tmp_path: Path) -> None:
    """Its own id, where it has one, stays in the record."""
    _, sink, _ = gathered_from(tmp_path, ["synchronizationSchema"], with_jobs)
    first, _ = lines_of(sink, "synchronizationSchema")
    assert (first["id"], first["value"]) == ("synchronizationSchema", {"id": "job0", "version": "v1"})


def test_a_parent_without_one_is_no_gap(tmp_path: Path) -> None:
    """Nearly no partner has an identity synchronization, and Graph says 404 for the others."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/policies/crossTenantAccessPolicy/partners"] = [{"id": "p0", "tenantId": "p0"}]
        tenant.inner_faults.append(["identitySynchronization", NOT_FOUND, ALWAYS])

    gathered, sink, _ = gathered_from(tmp_path, ["identitySynchronization"], prepare)
    assert gathered.gaps == ()
    assert gathered.counts["identitySynchronization"] == 0
    assert lines_of(sink, "identitySynchronization") == []


@pytest.mark.parametrize(
    ("times", "jobs", "gaps"), [(1, 2, []), (ALWAYS, 0, [("synchronizationJobs", None, "sp0", "server-error")])]
)
def test_a_gateway_s_page_inside_a_batch_says_nothing_of_what_a_parent_has(
    tmp_path: Path, times: int, jobs: int, gaps: list[object]
) -> None:
    """A service principal would lose its provisioning jobs by a page that Graph never wrote."""

    def prepare(tenant: SmallTenant) -> None:
        with_jobs(tenant)
        tenant.inner_faults.append(["/sp0/synchronization/jobs", GATEWAY_PAGE, times])

    gathered, _, _ = gathered_from(tmp_path, ["synchronizationJobs"], prepare)
    assert reasons_of(gathered) == gaps
    assert gathered.counts["synchronizationJobs"] == jobs


@pytest.mark.parametrize("answer", [gateway_page, error_answer(404, "NotFound"), error_answer(403, "Forbidden")])
def test_a_batch_that_is_refused_says_nothing_of_what_its_parents_have(
    tmp_path: Path, answer: Callable[[], web.StreamResponse]
) -> None:
    """Twenty service principals would lose their jobs at once."""

    def prepare(tenant: SmallTenant) -> None:
        with_jobs(tenant)
        tenant.on("$batch", answer, times=1)

    gathered, _, _ = gathered_from(tmp_path, ["synchronizationJobs"], prepare)
    assert (gathered.gaps, gathered.counts["synchronizationJobs"]) == ((), 2)


def test_what_a_lagging_replica_does_not_find_of_a_parent_is_asked_for_once_more(tmp_path: Path) -> None:
    """It says 404 as Graph does where there is none."""

    def prepare(tenant: SmallTenant) -> None:
        with_jobs(tenant)
        tenant.inner_faults.append(["/sp0/synchronization/jobs", NOT_FOUND, 1])

    gathered, _, _ = gathered_from(tmp_path, ["synchronizationJobs"], prepare)
    assert (gathered.gaps, gathered.counts["synchronizationJobs"]) == ((), 2)


@pytest.mark.parametrize(("parents", "asked"), [(3, 2), (4, 1)])
def test_only_where_few_have_none_are_they_asked_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parents: int, asked: int
) -> None:
    """A hundred thousand users without one would cost as many questions again."""
    monkeypatch.setattr(related_reading, "MAX_ABSENT_AGAIN", 3)

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/servicePrincipals"] = [{"id": f"sp{number}"} for number in range(parents)]
        tenant.inner_faults.append(["/synchronization/jobs", NOT_FOUND, ALWAYS])

    gathered, _, tenant = gathered_from(tmp_path, ["synchronizationJobs"], prepare)
    assert (gathered.gaps, gathered.counts["synchronizationJobs"]) == ((), 0)
    assert len([url for url in tenant.asked if "/sp0/synchronization/jobs" in url]) == asked


def test_what_is_in_objects_that_can_not_be_read_is_a_gap_too(tmp_path: Path) -> None:
    """An empty collection that says that it is complete would be a lie, at any depth."""

    def prepare(tenant: SmallTenant) -> None:
        with_jobs(tenant)
        tenant.on("/servicePrincipals", lambda: web.json_response({}, status=403))

    gathered, _, _ = gathered_from(tmp_path, ["synchronizationSchema"], prepare)
    reasons = {(gap.collection, gap.id, gap.reason) for gap in gathered.gaps if gap.relation is None}
    assert reasons == {
        ("servicePrincipals", None, "forbidden"),
        ("synchronizationJobs", None, "forbidden"),
        ("synchronizationSchema", None, "forbidden"),
    }
    assert gathered.complete == ()


def test_a_job_that_can_not_be_read_leaves_its_schema_unknown(tmp_path: Path) -> None:
    """The jobs of one service principal fail: nobody knows how many schemas are missing."""

    def prepare(tenant: SmallTenant) -> None:
        with_jobs(tenant)
        tenant.inner_faults.append(["sp1/synchronization/jobs", {"status": 403, "headers": {}, "body": {}}, 1])

    gathered, _, _ = gathered_from(tmp_path, ["synchronizationSchema"], prepare)
    assert {(gap.collection, gap.id) for gap in gathered.gaps} == {
        ("synchronizationJobs", "sp1"),
        ("synchronizationSchema", None),
    }
    assert gathered.counts["synchronizationSchema"] == 2


def test_a_singleton_that_nobody_has_set_up_is_no_gap(tmp_path: Path) -> None:
    """A tenant in no multi-tenant organization is whole without one."""
    gathered, _, _ = gathered_from(tmp_path, ["multiTenantOrganization"])
    assert (gathered.gaps, gathered.counts) == ((), {"multiTenantOrganization": 0})


ONE_404 = [(answer, times) for answer, times in ((gateway_page, 2), (error_answer(404, "NotFound"), 1))]


@pytest.mark.parametrize(("answer", "times"), ONE_404, ids=["a gateway", "a replica"])
@pytest.mark.parametrize(
    ("collection", "path"),
    [
        ("multiTenantOrganization", "/tenantRelationships/multiTenantOrganization"),
        ("multiTenantOrganizationTenants", "/tenantRelationships/multiTenantOrganization/tenants"),
    ],
)
def test_what_not_every_tenant_has_is_not_lost_to_a_404_that_passes(
    tmp_path: Path, collection: str, path: str, answer: Callable[[], web.StreamResponse], times: int
) -> None:
    """It would be gone from a snapshot that says that it is whole."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.singles["/tenantRelationships/multiTenantOrganization"] = {"id": "m"}
        tenant.lists["/tenantRelationships/multiTenantOrganization/tenants"] = [{"id": "t", "tenantId": "t"}]
        tenant.on(path, answer, times=times)

    gathered, _, _ = gathered_from(tmp_path, [collection], prepare)
    assert (gathered.gaps, gathered.counts[collection]) == ((), 1)


def test_a_gateway_s_page_that_stays_is_a_gap_of_what_may_be_absent(tmp_path: Path) -> None:
    """Nobody knows what is behind it."""
    names = ["multiTenantOrganization", "multiTenantOrganizationTenants"]
    gathered, _, _ = gathered_from(tmp_path, names, lambda tenant: tenant.on("/multiTenantOrganization", gateway_page))
    assert reasons_of(gathered) == [(name, None, None, "server-error") for name in names]


def test_a_list_that_nobody_has_set_up_is_no_gap(tmp_path: Path) -> None:
    """A tenant in no multi-tenant organization has no tenants of it."""
    gathered, _, _ = gathered_from(tmp_path, ["multiTenantOrganizationTenants"])
    assert (gathered.gaps, gathered.counts) == ((), {"multiTenantOrganizationTenants": 0})


def test_a_singleton_that_every_tenant_has_is_a_gap_when_it_is_not_found(tmp_path: Path) -> None:
    """404 there means that something is wrong."""
    gathered, _, _ = gathered_from(tmp_path, ["authorizationPolicy"])
    assert [(gap.collection, gap.reason) for gap in gathered.gaps] == [("authorizationPolicy", "not-found")]


def test_a_stream_is_kept_with_its_type(tmp_path: Path) -> None:
    """A logo is bytes; the record has them as base64, and what they are."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/applications"] = [{"id": "a0"}, {"id": "a1"}]
        tenant.on("/applications/a0/logo", lambda: web.Response(body=PNG, content_type="image/png"))
        tenant.on("/applications/a1/logo", error_answer(404, "Request_ResourceNotFound"))

    gathered, sink, _ = gathered_from(tmp_path, ["applications", "-applications.owners"], prepare)
    (stream,) = [line for line in lines_of(sink, "applications") if "stream" in line]
    assert stream == {
        "collection": "applications",
        "id": "a0",
        "stream": "logo",
        "type": "image/png",
        "value": base64.b64encode(PNG).decode(),
    }
    assert gathered.gaps == ()


def test_a_stream_that_can_not_be_read_is_a_gap_of_its_object(tmp_path: Path) -> None:
    """The object is whole without it, and says so."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/applications"] = [{"id": "a0"}]
        tenant.on("/applications/a0/logo", lambda: web.json_response({}, status=403))

    gathered, _, _ = gathered_from(tmp_path, ["applications", "-applications.owners"], prepare)
    assert [(gap.collection, gap.relation, gap.id, gap.reason) for gap in gathered.gaps] == [
        ("applications", "logo", "a0", "forbidden")
    ]


@pytest.mark.parametrize(
    "others",
    [
        [gateway_page, gateway_page],
        [
            lambda: web.Response(body=b"<html></html>", content_type="text/html"),
            lambda: web.Response(body=b"", content_type="image/png"),
        ],
        [lambda: web.json_response({"error": {"code": "ServiceUnavailable", "message": "try again"}})],
    ],
    ids=["a gateway's 404", "a page, and nothing", "an error as 200"],
)
def test_what_comes_from_in_between_is_no_stream(
    tmp_path: Path, others: list[Callable[[], web.StreamResponse]]
) -> None:
    """A proxy's page, nothing at all or an error must not be kept as a logo: the question is put again."""
    answers = [*(other() for other in others), web.Response(body=PNG, content_type="image/png")]

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/applications"] = [{"id": "a0"}]
        tenant.on("/applications/a0/logo", lambda: answers.pop(0))

    gathered, sink, _ = gathered_from(tmp_path, ["applications", "-applications.owners"], prepare)
    (stream,) = [line for line in lines_of(sink, "applications") if "stream" in line]
    assert (stream["value"], gathered.gaps) == (base64.b64encode(PNG).decode(), ())


def test_a_stream_of_a_contained_object_has_the_way_to_it_in_its_record(tmp_path: Path) -> None:
    """A banner belongs to a language of the organization's branding."""

    def prepare(tenant: SmallTenant) -> None:
        organization = tenant.lists["/organization"][0]["id"]
        tenant.related[f"/organization/{organization}/branding/localizations"] = [{"id": "de-DE"}]
        tenant.on("/de-DE/bannerLogo", lambda: web.Response(body=PNG, headers={"Content-Type": "image/png; x=1"}))
        tenant.on("/de-DE/", error_answer(404, "Request_ResourceNotFound"))

    gathered, sink, tenant = gathered_from(tmp_path, ["brandingLocalizations"], prepare)
    (stream,) = [line for line in lines_of(sink, "brandingLocalizations") if "stream" in line]
    assert (stream["id"], stream["parent"], stream["stream"], stream["type"]) == (
        "de-DE",
        ["organization", tenant.lists["/organization"][0]["id"]],
        "bannerLogo",
        "image/png",
    )
    assert gathered.gaps == ()


def test_a_filter_names_the_parent(tmp_path: Path) -> None:
    """PIM for groups answers for one group at a time, and only to a filter."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/identityGovernance/privilegedAccess/group/resources"] = [{"id": "g'0"}]
        tenant.lists["/identityGovernance/privilegedAccess/group/eligibilitySchedules"] = [{"id": "e0"}]

    _, sink, tenant = gathered_from(tmp_path, ["privilegedAccessGroupEligibilitySchedules"], prepare)
    assert "/identityGovernance/privilegedAccess/group/eligibilitySchedules?$filter=groupId eq 'g''0'" in tenant.asked
    (schedule,) = lines_of(sink, "privilegedAccessGroupEligibilitySchedules")
    assert schedule["parent"] == ["privilegedAccessGroups", "g'0"]


def test_what_is_embedded_stays_in_the_record(tmp_path: Path) -> None:
    """A role's settings are its rules; a policy without them says nothing."""

    def prepare(tenant: SmallTenant) -> None:
        path = "/policies/roleManagementPolicies"
        tenant.lists[path] = [{"id": "p0", "rules": []}]
        tenant.related[f"{path}/p0/rules"] = [{"id": "r0"}]

    _, sink, tenant = gathered_from(tmp_path, ["roleManagementPolicies"], prepare)
    asked = next(url for url in tenant.asked if "roleManagementPolicies" in url)
    assert "$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'" in asked
    assert "$expand=rules" in asked
    (policy,) = lines_of(sink, "roleManagementPolicies")
    assert policy["value"] == {"id": "p0", "rules": [{"id": "r0"}]}


def test_objects_that_a_list_only_names_are_read_one_by_one(tmp_path: Path) -> None:
    """A list of lifecycle workflows leaves their tasks out."""

    def prepare(tenant: SmallTenant) -> None:
        path = "/identityGovernance/lifecycleWorkflows/workflows"
        tenant.lists[path] = [{"id": "w0", "displayName": "Joiner", "tasks": [{"id": "t0"}]}, {"id": "w1"}]

    gathered, sink, tenant = gathered_from(tmp_path, ["workflows"], prepare)
    assert gathered.counts == {"workflows": 2}
    assert sink.values("workflows")["w0"]["tasks"] == [{"id": "t0"}]
    assert "/v1.0/identityGovernance/lifecycleWorkflows/workflows?$select=id" in tenant.asked


def test_a_property_with_a_permission_of_its_own_is_a_gap_without_it(tmp_path: Path) -> None:
    """Graph would refuse the whole list; so the property is left out, and signed as missing."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/users"] = [{"id": "u0", "customSecurityAttributes": {}, "employeeLeaveDateTime": None}]

    roles = ("User.Read.All", "User-LifeCycleInfo.Read.All")
    gathered, sink, _ = gathered_from(tmp_path, ["users", "-users.manager", "-users.sponsors"], prepare, roles=roles)
    assert [(gap.collection, gap.relation, gap.reason) for gap in gathered.gaps] == [
        ("users", "customSecurityAttributes", "forbidden")
    ]
    assert sink.values("users") == {"u0": {"id": "u0", "employeeLeaveDateTime": None}}
