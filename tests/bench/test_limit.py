"""A reading against its limits: the bounds are sums that add up, and a small tenant goes all the way."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from archiver.founding import FoundingPlan, found
from config.loading import load_settings
from recovery.rehearsal.serving.process import simulated_tenant
from strongroom.clock import now
from tests.bench.bounds import Bounds, Terms, bounds_of
from tests.bench.exchange import Exchange, mean_under_way, reading_seconds_of
from tests.bench.floor import OtherAnswersError, replay
from tests.bench.kept_section import put_kept_section
from tests.bench.limit import rows_read
from tests.bench.limit_section import Limit, Reading, limit_section_of, put_limit, stored_limit
from tests.bench.one_by_one import OneByOne, one_by_one
from tests.bench.ours import REPOSITORY

TERMS = Terms(quota=800.0, share=0.8, latency=0.06, parallel=16)
READING = Reading(
    wall=12.0, cpu=5.0, server_cpu=4.0, reading=10.0, under_way=9.0, requests=1600, throttled=0, units=3200.0,
    wire_bytes=200_000_000, records=9, calls={},
)  # fmt: skip
FLOOR = {"wall": 10.0, "cpu": 2.0, "server_cpu": 4.0, "requests": 1600, "loopback": 1e8}
LIMIT = Limit(
    {"date": "today", "processor": "two cores", "memory": "24 GiB"}, {"users": 1000}, 7, TERMS,
    dict.fromkeys(("full", "unchanged", "pulse", "whole"), READING), FLOOR, OneByOne(16_000, 20_000.0),
)  # fmt: skip


def exchange(began_at: float, ended_at: float, status: int = 200, url: str = "") -> Exchange:
    return Exchange("GET", url, {}, None, began_at, ended_at, status, 0)


def test_each_bound_is_what_it_says() -> None:
    """The ratio is against the largest of the four, so that each has to be right."""
    bounds = bounds_of(READING._asdict(), FLOOR, TERMS)
    assert bounds == pytest.approx(Bounds(quota=5.0, latency=6.0, bandwidth=2.0, floor=10.0))
    assert bounds.largest == ("floor", 10.0)
    assert bounds._replace(latency=11.0).largest == ("latency", 11.0)


def test_the_section_says_whether_the_bounds_hold() -> None:
    """A number without its bound says nothing."""
    assert "1.20 x the client's floor: pass, <= 1.3 x" in limit_section_of(LIMIT.document())
    assert "pass: < 60 s; 7 objects changed" in limit_section_of(LIMIT.document())
    slow = dict.fromkeys(LIMIT.readings, READING._replace(wall=60.5))
    section = limit_section_of(LIMIT._replace(readings=slow).document())
    assert "6.05 x the client's floor: MISS, <= 1.3 x" in section
    assert "MISS: < 60 s; 7 objects changed" in section


def test_how_many_requests_are_under_way_is_told() -> None:
    """It shows whether a reading waits for the tenant or the tenant for it."""
    exchanges = [exchange(0.0, 4.0), exchange(1.0, 3.0), exchange(5.0, 8.0)]
    assert reading_seconds_of(exchanges) == 8.0
    assert mean_under_way(exchanges) == pytest.approx(9 / 8)


def test_one_call_for_each_object_and_relation_is_counted_by_the_catalogue() -> None:
    """What one call costs is Microsoft's price, and how many calls there are follows from the tenant."""
    users = [row for row in rows_read() if row.collection == "users"]
    assert one_by_one(users, {"users": 250}) == OneByOne(3 + 250 + 250, 3 + 250 + 250)
    groups = [row for row in rows_read() if row.collection == "groups"]
    assert one_by_one(groups, {"groups": 100}) == OneByOne(1 + 100 + 100, 1 + 2 * 100 + 100)
    jobs = [row for row in rows_read() if row.collection == "synchronizationJobs"]
    assert one_by_one(jobs, {"servicePrincipals": 30}) == OneByOne(30, 0.0)


def test_what_is_read_are_the_four_lists_and_what_their_objects_contain() -> None:
    """The bounds are set for a reading with members and owners, managers and sponsors; others are homes of these."""
    relations = {row.collection: {relation.name for relation in row.relations} for row in rows_read()}
    assert relations["users"] == {"manager", "sponsors"}
    assert relations["groups"] == {"members", "owners"}
    assert {"servicePrincipals", "applications", "appRoleAssignments", "federatedIdentityCredentials"} < set(relations)
    assert relations["devices"] == relations["contacts"] == set()
    assert not {"authenticationMethods", "conditionalAccessPolicies"} & set(relations)


def test_sections_of_other_programs_stay(tmp_path: Path) -> None:
    """Three programs write one document, each when it is run."""
    document = tmp_path / "BENCHMARKS.md"
    document.write_text("# Benchmarks\n\nthe rest\n")
    put_limit(tmp_path, LIMIT)
    put_kept_section(tmp_path, "\n## Another: ", "\n## Another: it\n\nwords\n")
    put_limit(tmp_path, LIMIT._replace(changed=99_999))
    text = document.read_text()
    assert text.startswith("# Benchmarks\n\nthe rest\n\n## A reading against its limits: 1,000 users\n")
    assert text.endswith("\n## Another: it\n\nwords\n")
    assert text.count("## A reading") == 1
    assert "99,999 objects changed" in text
    assert stored_limit(tmp_path) in text


def test_a_floor_with_other_answers_is_none(tmp_path: Path) -> None:
    """A refusal is quicker than a page, and would pass for a fast client."""
    with simulated_tenant(tmp_path / "tenant", users=20) as tenant:
        plan = FoundingPlan(tmp_path / "host", tmp_path / "offline", (), tenant.settings)
        settings = load_settings(found(plan, now).files["settings"], os.environ)
        there, gone = (f"{tenant.graph_url}/v1.0/{path}" for path in ("users?$top=5", "users/nobody"))
        asked = [exchange(0, 1, url=there), exchange(0, 1, 404, gone), exchange(0, 1, 429, gone)]
        wall, _ = asyncio.run(replay(settings, asked))
        assert wall > 0
        with pytest.raises(OtherAnswersError, match="404"):
            asyncio.run(replay(settings, [msgspec.structs.replace(asked[1], status=200)]))


@pytest.mark.slow
@pytest.mark.timeout(290)
def test_a_small_tenant_goes_all_the_way_and_its_figures_add_up(tmp_path: Path) -> None:
    """It takes minutes with a hundred thousand users; what broke should be seen before."""
    command = [sys.executable, "-m", "tests.bench.limit", "--users", "2000", "--to", str(tmp_path)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, timeout=280)
    document = json.loads((tmp_path / "limit.json").read_bytes())
    terms, readings = Terms(**document["terms"]), document["readings"]
    assert document["floor"]["requests"] == readings["full"]["requests"]
    assert document["floor"]["wall"] >= terms.latency_seconds(readings["full"]["requests"])
    assert document["one_by_one"]["requests"] > 20 * readings["full"]["requests"]
    assert readings["pulse"]["records"] == readings["whole"]["records"] > document["objects"]["users"]
    assert readings["unchanged"]["records"] == readings["full"]["records"]
    for one in readings.values():
        assert terms.latency_seconds(one["requests"]) <= one["reading"] <= one["wall"]
        assert one["under_way"] <= terms.parallel
        assert one["requests"] < sum(one["calls"].values()) <= 20 * one["requests"]
        assert one["units"] > 0
    assert "pulse, the day after" in (tmp_path / "BENCHMARKS.md").read_text(encoding="utf-8")
