"""The devices of the simulated tenant."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from recovery.rehearsal.population.blanks import BLANK_DEVICE
from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw, bytes_of, guid_of

Value = dict[str, Any]

_MODELS = (
    ("Windows", "10.0.22631.4317", "Dell Inc.", "Latitude 7440"),
    ("Windows", "10.0.26100.2033", "LENOVO", "21HD"),
    ("iPhone", "18.1", "Apple", "iPhone 15"),
    ("Android", "15", "samsung", "SM-S921B"),
    ("MacMDM", "15.1", "Apple", "MacBook Pro"),
    ("Windows", "10.0.22631.4317", "HP", "HP EliteBook 840 G10"),
)


ON_PREMISES_DOMAIN = "S-1-5-21-1004336348-1177238915-682003330"
"""Security identifier of the Active Directory domain that part of the tenant is synchronised from."""


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
            "createdDateTime": registered,
            "deviceId": device_id,
            "deviceOwnership": "Company" if joined else "Personal",
            "displayName": f"{'DESKTOP' if joined else system}-{draw.below(1 << 28):07X}",
            "enrollmentType": "AzureDomainJoined" if joined else "UserEnrollment",
            "isCompliant": draw.chance(900),
            "isManaged": draw.chance(950),
            "manufacturer": maker,
            "model": model,
            "onPremisesLastSyncDateTime": draw.past(3) if hybrid else None,
            "onPremisesSecurityIdentifier": f"{ON_PREMISES_DOMAIN}-{500_000 + index}" if hybrid else None,
            "onPremisesSyncEnabled": True if hybrid else None,
            "operatingSystem": system,
            "operatingSystemVersion": version,
            "physicalIds": self._physical_ids_of(draw, index, device_id),
            "registrationDateTime": registered,
            "systemLabels": ["M365Managed"] if draw.chance(100) else [],
            "trustType": "ServerAd" if hybrid else "AzureAd" if joined else "Workplace",
            **BLANK_DEVICE,
        }

    def _physical_ids_of(self, draw: Draw, index: int, device_id: str) -> list[str]:
        user = self._plan.id_of("users", self.owner_of(index))
        names = (f"[USER-GID]:{user}", "[GID]:g", f"[USER-HWID]:{device_id}", "[HWID]:h")
        return [f"{name}:{draw.below(1 << 52)}" for name in names]
