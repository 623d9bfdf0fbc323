"""The README names what is served, and nothing else."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from recovery.rehearsal.altering.churn import ChurnPlan
from recovery.rehearsal.altering.story import STORIES
from recovery.rehearsal.graph.delta import LINKS_A_PAGE, MOST_FILTERED, OBJECTS_A_PAGE
from recovery.rehearsal.graph.faults import FAULTS
from recovery.rehearsal.graph.surface import CONTAINED, LOGS, RELATIONS, ROWS, STREAMS
from recovery.rehearsal.population.activity import EARLIEST_LATE_MINUTES, LATEST_LATE_MINUTES, RETENTION_DAYS
from recovery.rehearsal.population.journal import KEPT_DAYS
from recovery.rehearsal.population.permissions import APPLICATION_PERMISSIONS
from recovery.rehearsal.population.principals import FIRST_PARTY
from recovery.rehearsal.population.roles import BUILT_IN_ROLES
from recovery.rehearsal.serving.authority import REFUSALS
from recovery.rehearsal.serving.process import simulated_tenant

README = (files("recovery.rehearsal") / "README.md").read_text(encoding="utf-8")
SERVED = (files("recovery.rehearsal") / "SERVED.md").read_text(encoding="utf-8")


def test_every_path_relation_fault_and_story_is_named() -> None:
    """A reader who looks for something must find it, or know that it is absent."""
    names = [path for row in (*ROWS, *LOGS, *CONTAINED) for path in (*row.paths, *row.beta_paths)]
    names += [relation.path or relation.name for relation in RELATIONS]
    names += [stream.name for stream in STREAMS]
    assert [name for name in names if f"`{name}`" not in SERVED] == []
    assert [story for story in STORIES if f'"{story}"' not in README] == []
    assert [fault for fault in FAULTS if not re.search(rf"[` ]{fault}[` ]", README)] == []
    assert [number for number in REFUSALS if str(number) not in README] == []
    assert [name for name in ChurnPlan._fields if f'"{name}"' not in README] == []


def test_every_setting_is_named(tmp_path: Path) -> None:
    """What the server takes is what a reader finds."""
    with simulated_tenant(tmp_path, users=40) as tenant:
        settings = tenant.control("settings", {})
    assert [name for name in settings if f'"{name}"' not in README] == []


def test_the_numbers_in_it_are_those_of_the_code() -> None:
    """A list of differences that is out of date is worse than none."""
    assert f"{OBJECTS_A_PAGE} objects and {LINKS_A_PAGE:,} links" in README
    assert f"up to {MOST_FILTERED} objects" in README
    assert f"{KEPT_DAYS} days of the tenant's clock" in README
    assert f"{RETENTION_DAYS} days" in README
    assert f"{EARLIEST_LATE_MINUTES} to {LATEST_LATE_MINUTES} minutes" in README
    assert f"{len(BUILT_IN_ROLES)} of the built-in roles" in README
    assert f"{len(APPLICATION_PERMISSIONS)} of Graph's permissions" in README
    assert f"{len(FIRST_PARTY)} of Microsoft's applications" in README


def test_it_lists_its_differences_from_the_real_graph() -> None:
    """Results of a rehearsal carry this list; it is numbered without a hole."""
    section = README.partition("## Known differences from the real Graph")[2].partition("## Inside")[0]
    numbers = [int(n) for n in re.findall(r"^(\d+)\. ", section, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 15
