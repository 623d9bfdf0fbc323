"""`tenant load`: policies from files into the simulated tenant that `tenant simulate` runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.front.outcome import Call
from tests.rehearsal.test_loading import LOCATIONS, OURS, POLICIES


def test_files_and_folders_of_objects_are_loaded(call: Call, tenant_folder: Path, tmp_path: Path) -> None:
    """A list as ours are, and one object a file as exports are."""
    done = call("tenant", "load", "conditionalAccessPolicies", OURS / "policies.json", "--dir", tenant_folder, "--json")
    assert done.status == 0 and done.document["collection"] == "conditionalAccessPolicies"
    assert len(done.document["ids"]) == len(POLICIES) and POLICIES[1]["id"] in done.document["ids"]
    exported = tmp_path / "NamedLocations"
    exported.mkdir()
    for number, location in enumerate(LOCATIONS):
        (exported / f"{number}.json").write_text(json.dumps(location))
    done = call("tenant", "load", "namedLocations", exported, "--dir", tenant_folder)
    assert done.out.splitlines()[0] == "namedLocations: 2 objects added" and LOCATIONS[0]["id"] in done.out
    again = call("tenant", "load", "namedLocations", exported, "--dir", tenant_folder, "--json")
    assert again.status == 2 and "already" in again.error["message"]


@pytest.mark.parametrize("content", ["{", "[" * 100_000, "7", "[7]", '{"displayName": "half a policy"}', None])
def test_a_file_that_can_not_be_loaded_is_a_usage_error(
    call: Call, tenant_folder: Path, tmp_path: Path, content: str | None
) -> None:
    """Also one that is not there; and an empty folder."""
    file = tmp_path / "policy.json"
    if content is not None:
        file.write_text(content)
    assert call("tenant", "load", "conditionalAccessPolicies", file, "--dir", tenant_folder).status == 2


def test_a_folder_without_objects_and_a_collection_that_takes_none_are_usage_errors(call: Call, tmp_path: Path) -> None:
    """Nothing loaded must not look like success."""
    (tmp_path / "empty").mkdir()
    assert call("tenant", "load", "namedLocations", tmp_path / "empty", "--dir", tmp_path).status == 2
    assert call("tenant", "load", "users", OURS / "policies.json", "--dir", tmp_path).status == 2
