"""What beta alone has, over real HTTPS: rows that are read where they are named, beside those of v1.0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from recovery.rehearsal.serving.process import simulated_tenant
from tests.archiver.place import Place

PLAIN = (
    "users",
    "groups",
    "devices",
    "applications",
    "servicePrincipals",
    "conditionalAccessPolicies",
    "namedLocations",
    "federatedIdentityCredentials",
)
POLICIES = ("authenticationMethodsPolicyOnBeta", "authorizationPolicyOnBeta")
EXTENSIONS = ("userDirectoryExtensions", "groupDirectoryExtensions", "deviceDirectoryExtensions")
SINGLY = ("applicationDetails", "groupMailSettings")
ON_BETA = tuple(f"{name}OnBeta" for name in PLAIN)


def test_what_beta_alone_has_is_archived_where_it_is_named(tmp_path: Path) -> None:
    """The default set of beta, and what Graph gives of a single object alone: for each group that can have it."""
    with simulated_tenant(tmp_path / "tenant", users=60) as tenant:
        place = Place(
            tmp_path, tenant, settings={"export.collections": [*PLAIN, *ON_BETA, *POLICIES, *SINGLY, *EXTENSIONS]}
        )
        assert place.run()["gaps"] == []
    archive = place.opened()
    snapshot = archive.open_snapshot(archive.manifest(1), place.identities)

    def values(collection: str) -> list[dict[str, Any]]:
        lines = (
            record.line for record in snapshot.records(collection.encode() + b"\x00") if b"\x00o\x00" in record.key
        )
        return [json.loads(line)["value"] for line in lines]

    for plain, on_beta in zip(PLAIN, ON_BETA, strict=True):
        assert [one["id"] for one in values(plain)] == [one["id"] for one in values(on_beta)] != []
    assert all("writebackConfiguration" in group for group in values("groupsOnBeta"))
    assert not any("writebackConfiguration" in group for group in values("groups"))
    assert all("extensionAttributes" in device for device in values("devicesOnBeta"))
    for extensions, on_beta in zip(EXTENSIONS, ON_BETA, strict=False):
        valued = {one["id"]: set(one) - {"id"} for one in values(extensions)}
        assert valued and all(name.startswith("extension_") for names in valued.values() for name in names)
        shown = {one["id"]: {name for name in one if name.startswith("extension_")} for one in values(on_beta)}
        assert valued == {id_: names for id_, names in shown.items() if names}
    assert all("samlMetadataUrl" in principal for principal in values("servicePrincipalsOnBeta"))
    assert ["enabledPreviewFeatures" in policy for policy in values("authorizationPolicyOnBeta")] == [True]
    assert ["systemCredentialPreferences" in policy for policy in values(POLICIES[0])] == [True]
    details = values("applicationDetails")
    assert len(details) == len(values("applications"))
    assert all({"onPremisesPublishing", "managerApplications"} <= one.keys() for one in details)
    unified = {group["id"] for group in values("groups") if "Unified" in group["groupTypes"]}
    assert {group["id"] for group in values("groupMailSettings")} == unified != set()
    assert place.verdict(1) == "PASS"
