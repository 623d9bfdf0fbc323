"""Named locations: countries and address ranges that policies point at."""

from __future__ import annotations

from typing import Any

from recovery.rehearsal.population.blueprint import Blueprint
from recovery.rehearsal.population.entropy import Draw, guid_of

Value = dict[str, Any]

ALLOWED_COUNTRIES, SERVICE_COUNTRIES, HEAD_OFFICE = range(3)
"""Numbers of the named locations that policies point at."""

_LOCATIONS = (
    ("ALLOWED COUNTRIES", ("BE", "LU", "NL")),
    ("ALLOWED COUNTRIES - SERVICE ACCOUNTS", ("NL",)),
    ("Head office", ("192.0.2.0/24", "2001:db8:10::/48")),
    ("VPN exit", ("198.51.100.7/32",)),
    ("Café réseau (untrusted)", ("203.0.113.0/25",)),
)


def location_id_of(plan: Blueprint, number: int) -> str:
    return guid_of(plan.seed, "namedLocations", number)


def locations_of(plan: Blueprint) -> list[Value]:
    """The named locations of the first day, each with its `@odata.type`."""
    return [_location_of(plan, number, name, detail) for number, (name, detail) in enumerate(_LOCATIONS)]


def _location_of(plan: Blueprint, number: int, name: str, detail: tuple[str, ...]) -> Value:
    draw = Draw(plan.seed, "location", number)
    common = {
        "id": location_id_of(plan, number),
        "displayName": name,
        "createdDateTime": draw.past_fine(900),
        "modifiedDateTime": draw.past_fine(200),
        "deletedDateTime": None,
    }
    if number < HEAD_OFFICE:
        return {
            "@odata.type": "#microsoft.graph.countryNamedLocation",
            **common,
            "countriesAndRegions": list(detail),
            "includeUnknownCountriesAndRegions": False,
            "countryLookupMethod": "clientIpAddress",
        }
    ranges = [
        {"@odata.type": f"#microsoft.graph.iPv{6 if ':' in range else 4}CidrRange", "cidrAddress": range}
        for range in detail
    ]
    return {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        **common,
        "isTrusted": number == HEAD_OFFICE,
        "ipRanges": ranges,
    }
