"""A page that comes in the place of another one: it looks whole, and what the other one held is in no page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from aiohttp import web

from tests.archiver.gather_kit import error_answer, gathered_from, lines_of, reasons_of, user_targets, with_group
from tests.graph.small_tenant import SmallTenant

PAGE = 100
ALWAYS = 100
GRANTS = "/oauth2PermissionGrants"
MEMBERS = "/groups/g0/members"
JOBS = "/servicePrincipals/sp0/synchronization/jobs"


def numbered(count: int) -> list[dict[str, Any]]:
    """Objects that nothing hangs on."""
    return [{"id": f"o{number:05}"} for number in range(count)]


def repeat(
    tenant: SmallTenant, path: str, values: list[dict[str, Any]], *, times: int, at: int = PAGE, skip: int = 0
) -> None:
    """Gives `values` in the place of the page that begins at `at`, with its link, so many times after `skip` times."""
    left = [False] * skip + [True] * times
    items = tenant.lists[path] if path in tenant.lists else tenant.related[path]

    def fault(request: web.Request) -> web.StreamResponse | None:
        if request.path.partition("/")[2].partition("/")[2] != path[1:] or request.query.get("$skiptoken") != str(at):
            return None
        if not left or not left.pop(0):
            return None
        body: dict[str, Any] = {"value": values}
        if at + PAGE < len(items):
            rest = "&".join(f"{name}={value}" for name, value in {**request.query, "$skiptoken": at + PAGE}.items())
            body["@odata.nextLink"] = f"{tenant.origin}{request.path}?{rest}"
        return web.json_response(body, headers={"x-strongroom-simulated": "1"})

    tenant.faults.append(fault)


def test_a_last_page_of_objects_that_moved_is_no_page_in_the_place_of_another(tmp_path: Path) -> None:
    """One that was added before them pushes the last of a page on to the next one, which may hold nothing else."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists[GRANTS] = [*numbered(900), {"id": "last"}]
        repeat(tenant, GRANTS, numbered(900)[-1:], times=ALWAYS, at=900)

    gathered, sink, _ = gathered_from(tmp_path, ["oauth2PermissionGrants"], prepare)
    assert (gathered.gaps, len(sink.values("oauth2PermissionGrants"))) == ((), 900)


@pytest.mark.parametrize("came", [slice(0, PAGE), slice(PAGE - 1, None, -1), slice(50, 50 + PAGE)])
@pytest.mark.parametrize("times", [1, ALWAYS])
def test_a_list_whose_page_hides_another_is_read_once_more_and_is_then_a_gap(
    tmp_path: Path, times: int, came: slice
) -> None:
    """Grants that are in no snapshot would be lost on the day on which they are needed."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists[GRANTS] = numbered(900)
        repeat(tenant, GRANTS, numbered(900)[came], times=times)

    gathered, sink, _ = gathered_from(tmp_path, ["oauth2PermissionGrants"], prepare)
    read = sink.values("oauth2PermissionGrants")
    if times == 1:
        assert (gathered.gaps, len(read)) == ((), 900)
    else:
        assert reasons_of(gathered) == [("oauth2PermissionGrants", None, None, "malformed-page")]
        assert set(read) == {one["id"] for one in numbered(900)} - {
            one["id"] for one in numbered(2 * PAGE)[PAGE:] if one not in numbered(900)[came]
        }
    assert gathered.counts["oauth2PermissionGrants"] == len(read)


def test_what_two_ways_through_a_list_found_is_kept_together(tmp_path: Path) -> None:
    """Each of them misses another page; the gap stays, because both do."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists[GRANTS] = numbered(900)
        repeat(tenant, GRANTS, numbered(PAGE), times=1)
        repeat(tenant, GRANTS, numbered(PAGE), at=7 * PAGE, skip=1, times=1)

    gathered, sink, _ = gathered_from(tmp_path, ["oauth2PermissionGrants"], prepare)
    assert reasons_of(gathered) == [("oauth2PermissionGrants", None, None, "malformed-page")]
    assert gathered.counts["oauth2PermissionGrants"] == len(sink.values("oauth2PermissionGrants")) == 900


def test_what_another_pass_saw_of_a_hidden_page_is_read(tmp_path: Path) -> None:
    """The pass for the owners met them, and one by one they can be read; whether that are all, nobody knows."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/applications"] = numbered(300)
        repeat(tenant, "/applications", numbered(PAGE), times=ALWAYS)
        own, passes = tenant.faults[-1], "$expand=owners"
        tenant.faults[-1] = lambda request: None if passes in unquote(str(request.rel_url)) else own(request)

    gathered, sink, _ = gathered_from(tmp_path, ["applications"], prepare)
    assert reasons_of(gathered) == [("applications", None, None, "malformed-page")]
    assert gathered.counts["applications"] == len(sink.values("applications")) == 300


def test_objects_that_move_while_a_list_is_read_are_no_fault(tmp_path: Path) -> None:
    """A tenant lives; five objects that come on a second page cost nothing."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists[GRANTS] = numbered(300)
        repeat(tenant, GRANTS, [*numbered(5), *numbered(2 * PAGE)[PAGE:]], times=1)

    gathered, sink, tenant = gathered_from(tmp_path, ["oauth2PermissionGrants"], prepare)
    assert (gathered.gaps, len(sink.values("oauth2PermissionGrants"))) == ((), 300)
    assert len([url for url in tenant.asked if f"{GRANTS}?" in url]) == 3


def test_a_list_that_begins_anew_meets_its_pages_again_and_is_whole(tmp_path: Path) -> None:
    """Its links grew too old: what came before comes again, and hides nothing."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists[GRANTS] = numbered(300)
        tenant.on("$skiptoken=200", error_answer(400, "Directory_ExpiredPageToken"), times=1)

    gathered, sink, tenant = gathered_from(tmp_path, ["oauth2PermissionGrants"], prepare)
    assert (gathered.gaps, len(sink.values("oauth2PermissionGrants"))) == ((), 300)
    assert len([url for url in tenant.asked if f"{GRANTS}?" in url]) == 6


def test_a_page_that_hides_another_shows_also_in_a_list_that_begins_anew(tmp_path: Path) -> None:
    """Only what came before the new beginning may come again."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists[GRANTS] = numbered(400)
        tenant.on("$skiptoken=100", error_answer(400, "Directory_ExpiredPageToken"), times=1)
        repeat(tenant, GRANTS, numbered(PAGE), times=ALWAYS, at=2 * PAGE)

    gathered, _, _ = gathered_from(tmp_path, ["oauth2PermissionGrants"], prepare)
    assert reasons_of(gathered) == [("oauth2PermissionGrants", None, None, "malformed-page")]


@pytest.mark.parametrize("count", [900, 2900])
@pytest.mark.parametrize("times", [1, ALWAYS])
def test_a_group_whose_page_hides_another_is_read_once_more_and_is_then_a_gap(
    tmp_path: Path, times: int, count: int
) -> None:
    """Its members are read in pages of their own, and short ones and long ones are put together in two ways."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(count))(tenant)
        repeat(tenant, MEMBERS, user_targets(PAGE), times=times)

    gathered, sink, _ = gathered_from(tmp_path, ["groups"], prepare)
    members = sink.values("groups", "members")["g0"]
    if times == 1:
        assert (gathered.gaps, len(members)) == ((), count)
    else:
        assert reasons_of(gathered) == [("groups", "members", "g0", "malformed-page")]
        assert len(members) == count - PAGE


def test_a_group_whose_links_grew_too_old_is_whole(tmp_path: Path) -> None:
    """Its pages come again from the first one on, and are no members twice."""

    def prepare(tenant: SmallTenant) -> None:
        with_group(*user_targets(300))(tenant)
        tenant.on(f"{MEMBERS}?$select=id&$top=999&$skiptoken=200", error_answer(400, "Directory_ExpiredPageToken"), 1)

    gathered, sink, tenant = gathered_from(tmp_path, ["groups"], prepare)
    assert (gathered.gaps, len(sink.values("groups", "members")["g0"])) == ((), 300)
    assert len([url for url in tenant.asked if MEMBERS in url and "$skiptoken=100" in url]) == 2


@pytest.mark.parametrize("times", [1, ALWAYS])
def test_contained_objects_whose_page_hides_another_are_read_once_more_and_are_then_a_gap(
    tmp_path: Path, times: int
) -> None:
    """What hangs on them is read once for each."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/servicePrincipals"] = [{"id": "sp0"}]
        tenant.related[JOBS] = numbered(300)
        tenant.singles |= {f"{JOBS}/{job['id']}/schema": {"id": job["id"]} for job in numbered(300)}
        repeat(tenant, JOBS, numbered(PAGE), times=times)

    gathered, sink, tenant = gathered_from(tmp_path, ["synchronizationSchema"], prepare)
    jobs = len(lines_of(sink, "synchronizationJobs"))
    assert gathered.counts["synchronizationJobs"] == gathered.counts["synchronizationSchema"] == jobs
    assert len([url for url in tenant.asked if url.endswith("/o00000/schema")]) == 1
    if times == 1:
        assert (gathered.gaps, jobs) == ((), 300)
    else:
        assert jobs == 200
        assert ("synchronizationJobs", None, "sp0", "malformed-page") in reasons_of(gathered)


def test_contained_objects_that_two_readings_found_count_together(tmp_path: Path) -> None:
    """Each of them misses another page, and the records of both stay."""

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/servicePrincipals"] = [{"id": "sp0"}]
        tenant.related[JOBS] = numbered(300)
        repeat(tenant, JOBS, numbered(PAGE), times=1)
        repeat(tenant, JOBS, numbered(PAGE), at=2 * PAGE, skip=1, times=1)

    gathered, sink, _ = gathered_from(tmp_path, ["synchronizationJobs"], prepare)
    assert reasons_of(gathered) == [("synchronizationJobs", None, "sp0", "malformed-page")]
    assert gathered.counts["synchronizationJobs"] == len(lines_of(sink, "synchronizationJobs")) == 300


def test_a_page_of_objects_without_a_value_hides_another_too(tmp_path: Path) -> None:
    """Of an extension only objects with a value are kept, so that the ids of such a page say nothing."""
    extension = "extension_" + "a" * 32 + "_costCentre"

    def prepare(tenant: SmallTenant) -> None:
        tenant.lists["/users"] = [{"id": f"u{n}", **({extension: "1"} if n >= PAGE else {})} for n in range(300)]
        body = json.dumps({"value": [{"id": "x", "name": extension, "targetObjects": ["User"]}]})
        tenant.on("getAvailableExtensionProperties", lambda: web.Response(text=body, content_type="application/json"))
        repeat(tenant, "/users", [{"id": f"u{n}"} for n in range(PAGE)], times=ALWAYS)

    gathered, _, _ = gathered_from(tmp_path, ["userDirectoryExtensions"], prepare)
    assert ("userDirectoryExtensions", None, None, "malformed-page") in reasons_of(gathered)
