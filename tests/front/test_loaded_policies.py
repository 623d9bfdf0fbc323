"""Policies that somebody else wrote, from loading to the archive and out of it again: the same bytes of each value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.founding import Founded
from archiver.graph.canonical import canonical_value_of
from recovery.rehearsal.serving.process import RunningTenant, simulated_tenant
from tests.front.conftest import founded_in, settings_of
from tests.front.outcome import Call
from tests.rehearsal.test_loading import LOCATIONS, POLICIES, STRENGTH

COLLECTIONS = ["authenticationStrengthPolicies", "conditionalAccessPolicies", "namedLocations"]
Json = dict[str, Any]


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTenant]:
    """A tenant into which each test loads objects of its own."""
    with simulated_tenant(tmp_path_factory.mktemp("loaded"), users=20) as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path, tenant: RunningTenant) -> Founded:
    return founded_in(tmp_path, {**settings_of(tenant), "export.collections": COLLECTIONS})


@pytest.fixture(scope="session")
def baseline(shared_data: Path) -> Path:
    """The export of a tenant's policies that lies among the shared data."""
    folder = shared_data / "conditional_access_baseline"
    if not folder.is_dir():
        pytest.skip("conditional_access_baseline is not in the shared data folder")
    return folder


def objects_in(folder: Path) -> list[Json]:
    return [json.loads(file.read_bytes()) for file in sorted(folder.glob("*.json"))]


def expected_of(given: Json) -> Json:
    """What Graph sends of an object to who asks for no more metadata than it takes."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            kept = [name for name in value if name == "@odata.type" or not ("@odata." in name or name[:1] == "#")]
            return {name: plain(value[name]) for name in kept}
        return [plain(one) for one in value] if isinstance(value, list) else value

    value: Json = plain(given)
    return value


def assert_archived(
    call: Call, archive: Founded, folder: Path, tenant: RunningTenant, collection: str, given: list[Json]
) -> None:
    """Loads the objects, runs, verifies, shows and exports, and compares."""
    ids = [change["id"] for change in tenant.load(collection, given)]
    assert len(ids) == len(given)
    config = ["--config", archive.files["settings"]]
    identity = ["--identity", archive.files["identity"]]
    assert call("run", *config).status == 0
    verdict = call("verify", "vault", *identity, *config, "--json")
    assert (verdict.status, verdict.document["verdict"]) == (0, "PASS")
    call("export", "vault", "--to", folder, "--format", "jsonl", *identity, *config)
    lines = (folder / f"{collection}.jsonl").read_bytes().splitlines()
    exported = {json.loads(line)["id"]: line for line in lines}
    for id_, one in zip(ids, given, strict=True):
        expected = expected_of(one)
        value = json.loads(exported[id_])
        made = {name: value[name] for name in ("id", "createdDateTime", "modifiedDateTime") if name not in expected}
        assert exported[id_] == canonical_value_of(json.dumps({**made, **expected}).encode()).text
    shown = call("show", "vault", collection, ids[-1], *identity, *config, "--json").document
    assert shown["proved"] is True and shown["record"] == json.loads(exported[ids[-1]])


@pytest.mark.parametrize(
    ("collection", "given"),
    [
        ("conditionalAccessPolicies", POLICIES),
        ("namedLocations", LOCATIONS),
        ("authenticationStrengthPolicies", [STRENGTH]),
    ],
)
def test_policies_of_our_own_come_out_as_they_went_in(
    call: Call, archive: Founded, tmp_path: Path, tenant: RunningTenant, collection: str, given: list[Json]
) -> None:
    """As a create request has them, as an export has them, and with members that this program never heard of."""
    assert_archived(call, archive, tmp_path / "out", tenant, collection, given)


@pytest.mark.parametrize(
    ("collection", "part"),
    [("conditionalAccessPolicies", "ConditionalAccess"), ("namedLocations", "NamedLocations")],
)
def test_a_published_baseline_comes_out_as_it_went_in(
    call: Call, archive: Founded, tmp_path: Path, tenant: RunningTenant, baseline: Path, collection: str, part: str
) -> None:
    """What a real tenant's export holds is what people have; ours hold what we thought of."""
    given = objects_in(baseline / part)
    assert len(given) >= 3
    assert_archived(call, archive, tmp_path / "out", tenant, collection, given)
