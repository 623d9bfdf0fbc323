"""Large tenants: memory and speed."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import msgspec
import pytest

from archiver.graph.catalogue import load_catalogue
from recovery.rehearsal.altering.tenant import SimulatedTenant

Value = dict[str, Any]

MOST_MEMORY_MIB = 1536
LEAST_USERS_PER_SECOND = 5000
USERS = 100_000
MOST_BYTES_PER_USER = 850
"""Of all that a tenant keeps: 40,000 users, with their groups and devices, take 690 each. A million may take 2 GiB,
and the process that serves them needs room to work.
"""
FEWER_USERS = 40_000

MEASURE = """
import json, resource, sys, time
from recovery.rehearsal.altering.tenant import SimulatedTenant
users, select = int(sys.argv[1]), tuple(sys.argv[2].split(","))
started = time.process_time()
tenant = SimulatedTenant(users=users)
built = time.process_time()
size = sum(len(body) for body in tenant.pages("users", select=select))
read = time.process_time()
groups = tenant.population.collections["groups"]
paths = [f"groups/{id_}/members" for id_ in groups]
members = sum(1 for path in paths for _ in tenant.pages(path, version="beta", select=("id",)))
linked = time.process_time()
print(json.dumps({"build": built - started, "users": read - built, "bytes": size, "members": linked - read,
                  "pages": members, "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""

KEEP = """
import re, sys
from pathlib import Path
from recovery.rehearsal.population.population import Population
def kept():
    return int(re.search(r"VmRSS:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
before = kept()
population = Population(int(sys.argv[1]), 1)
print(kept() - before)
"""


def test_objects_are_made_when_asked_for() -> None:
    """What a tenant keeps decides how large a tenant a rehearsal can have."""
    done = subprocess.run(
        [sys.executable, "-c", KEEP, str(FEWER_USERS)], capture_output=True, text=True, check=True, timeout=100
    )
    assert int(done.stdout) / FEWER_USERS < MOST_BYTES_PER_USER


def test_a_list_of_ids_makes_no_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passes over a list that expand a relation ask for nothing else, and are most of what an export asks for."""

    def refuse(number: int) -> Value:
        raise AssertionError(f"user {number} was made")

    tenant = SimulatedTenant(users=30)
    expected = list(tenant.population.collections["users"])
    monkeypatch.setattr(tenant.population.collections["users"], "_make", refuse)
    pages = tenant.pages("users", select=("id",), expand="manager($select=id)")
    assert [user["id"] for body in pages for user in msgspec.json.decode(body)["value"]] == expected


@pytest.mark.slow
def test_a_hundred_thousand_users_fit_and_are_fast() -> None:
    """The benchmark feeds on these pages, so making them must cost little beside sealing them."""
    select = ",".join(load_catalogue().row_of("users").select)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(USERS), select], capture_output=True, text=True, check=True, timeout=280
    )
    measured = json.loads(done.stdout)
    print(measured)
    assert measured["mib"] < MOST_MEMORY_MIB
    assert USERS / measured["users"] >= LEAST_USERS_PER_SECOND
    assert 3000 <= measured["bytes"] / USERS <= 6000
