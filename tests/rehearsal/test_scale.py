"""A hundred thousand users: memory and speed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from archiver.graph.catalogue import load_catalogue

MOST_MEMORY_MIB = 1536
LEAST_USERS_PER_SECOND = 5000
USERS = 100_000

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
