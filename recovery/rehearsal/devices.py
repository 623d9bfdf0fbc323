"""The devices of the simulated tenant."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from recovery.rehearsal.blueprint import Blueprint
from recovery.rehearsal.entropy import Draw, bytes_of, guid_of

Value = dict[str, Any]

_MODELS = (
    ("Windows", "10.0.22631.4317", "Dell Inc.", "Latitude 7440"),
    ("Windows", "10.0.26100.2033", "LENOVO", "21HD"),
    ("iPhone", "18.1", "Apple", "iPhone 15"),
    ("Android", "15", "samsung", "SM-S921B"),
    ("MacMDM", "15.1", "Apple", "MacBook Pro"),
    ("Windows", "10.0.22631.4317", "HP", "HP EliteBook 840 G10"),
)


class Devices:
    """Builds `microsoft.graph.device` objects, about 2 KB each."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._plan = blueprint

    def owner_of(self, index: int) -> int:
        """The number of the user who registered device number `index`."""
        return index % self._plan.users

    def value(self, index: int) -> Value:
        """Device number `index` as Graph would send it with every property selected."""
        plan = self._plan
        draw = Draw(plan.seed, "device", index)
        system, version, maker, model = draw.pick(_MODELS)
        joined = system == "Windows"
        hybrid = joined and draw.chance(500)
        registered = draw.past(1200, not_before=40)
        device_id = guid_of(plan.seed, "deviceId", index)
        key = b64encode(bytes_of(54, plan.seed, "device key", index)).decode()
        return {
            "id": plan.id_of("devices", index),
            "deletedDateTime": None,
            "accountEnabled": not draw.chance(30),
            "alternativeSecurityIds": [{"type": 2, "identityProvider": None, "key": key}],
            "approximateLastSignInDateTime": draw.past(60),
            "complianceExpirationDateTime": "2026-12-31T00:00:00Z",
            "createdDateTime": registered,
            "deviceCategory": None,
            "deviceId": device_id,
            "deviceMetadata": None,
            "deviceOwnership": "Company" if joined else "Personal",
            "deviceVersion": 2,
            "displayName": f"{'DESKTOP' if joined else system}-{draw.below(1 << 28):07X}",
            "enrollmentProfileName": None,
            "enrollmentType": "AzureDomainJoined" if joined else "UserEnrollment",
            "isCompliant": draw.chance(900),
            "isManaged": draw.chance(950),
            "isManagementRestricted": None,
            "isRooted": False,
            "managementType": "MDM",
            "manufacturer": maker,
            "mdmAppId": "0000000a-0000-0000-c000-000000000000",
            "model": model,
            "onPremisesLastSyncDateTime": draw.past(3) if hybrid else None,
            "onPremisesSecurityIdentifier": f"S-1-5-21-1004336348-1177238915-682003330-{500_000 + index}"
            if hybrid
            else None,
            "onPremisesSyncEnabled": True if hybrid else None,
            "operatingSystem": system,
            "operatingSystemVersion": version,
            "physicalIds": [
                f"[USER-GID]:{plan.id_of('users', self.owner_of(index))}:{draw.below(1 << 52)}",
                f"[GID]:g:{draw.below(1 << 52)}",
                f"[USER-HWID]:{device_id}:{draw.below(1 << 52)}",
                f"[HWID]:h:{draw.below(1 << 52)}",
            ],
            "profileType": "RegisteredDevice",
            "registrationDateTime": registered,
            "systemLabels": ["M365Managed"] if draw.chance(100) else [],
            "trustType": "ServerAd" if hybrid else "AzureAd" if joined else "Workplace",
            **_EMPTY_DEVICE,
        }


_EMPTY_DEVICE: Value = {
    "alternativeNames": [],
    "domainName": None,
    "hostnames": [],
    "kind": None,
    "name": None,
    "platform": None,
    "status": None,
    "extensionAttributes": {f"extensionAttribute{n}": None for n in range(1, 16)},
}
