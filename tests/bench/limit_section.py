"""The section of BENCHMARKS.md that holds a reading to its limits: measured by itself and kept until it is again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.bounds import Bounds, Terms, bounds_of
from tests.bench.kept_section import put_kept_section
from tests.bench.one_by_one import PAGE_OBJECTS, OneByOne

MOST_TIMES_BOUND = 1.3
MOST_DAY_SECONDS = 60.0
STORED = "limit.json"
FULL, UNCHANGED, PULSE, WHOLE = "full", "unchanged", "pulse", "whole"
"""The readings: the first day, a pulse after it, one of the next day, and everything of that day."""
TITLES = {
    FULL: "full, first day",
    UNCHANGED: "pulse, nothing changed",
    PULSE: "pulse, the day after",
    WHOLE: "everything, the day after",
}
AIM = {"users": 100_000, "groups": 20_000, "servicePrincipals": 5_000, "applications": 2_000}
"""The tenant that the bounds are set for; the simulated one has sizes that follow from its users."""
_HEADING = "\n## A reading against its limits: "


class Reading(NamedTuple):
    """A run as a whole process. Seconds: `wall` and `cpu` of it, `server_cpu`, and `reading` from the first request to
    the last answer; `under_way`: requests at once, on average; `units`: resource units that the tenant counted.
    """

    wall: float
    cpu: float
    server_cpu: float
    reading: float
    under_way: float
    requests: int
    throttled: int
    units: float
    wire_bytes: int
    records: int
    calls: Mapping[str, int]


class Limit(NamedTuple):
    """What was measured. `objects` by collection; `changed` on the second day; `floor` as `floor.Floor`."""

    machine: Mapping[str, str]
    objects: Mapping[str, int]
    changed: int
    terms: Terms
    readings: Mapping[str, Reading]
    floor: Mapping[str, float]
    one_by_one: OneByOne

    def document(self) -> dict[str, Any]:
        """Everything as JSON takes it."""
        return {
            **self._asdict(),
            "terms": self.terms._asdict(),
            "readings": {name: reading._asdict() for name, reading in self.readings.items()},
            "one_by_one": self.one_by_one._asdict(),
        }


def put_limit(folder: Path, limit: Limit) -> str:
    """Stores the measurement, puts the section into BENCHMARKS.md, and gives it."""
    document = limit.document()
    (folder / STORED).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    section = limit_section_of(document)
    put_kept_section(folder, _HEADING, section)
    return section


def stored_limit(folder: Path) -> str:
    """The section of what was stored before, nothing if nothing was."""
    path = folder / STORED
    return limit_section_of(json.loads(path.read_bytes())) if path.exists() else ""


def limit_section_of(document: Mapping[str, Any]) -> str:
    """The section, from what is stored."""
    terms, machine = Terms(**document["terms"]), document["machine"]
    have = ", ".join(_counted(name, document["objects"].get(name, 0)) for name in AIM)
    aim = ", ".join(_counted(name, number) for name, number in AIM.items())
    lines = [
        f"{_HEADING}{document['objects']['users']:,} users",
        "",
        f"`python -m tests.bench.limit`, {machine['date']}, {machine['processor']}, {machine['memory']}. Server and "
        f"client share the machine. The tenant grants {terms.quota:g} resource units/s, of which a run takes "
        f"{100 * terms.share:g} %, answers after {1000 * terms.latency:g} ms, and has {have}; the bounds are set for "
        f"{aim}. Read are these four with all their relations, what their objects contain, and the lists of devices "
        "and contacts, which members are at home in. Times are of whole processes, from the call to the sealed and "
        "stored snapshot.",
        "",
        *_bound_lines(document, terms),
        "",
        *_reading_lines(document, terms),
    ]
    return "\n".join(lines) + "\n"


def _bound_lines(document: Mapping[str, Any], terms: Terms) -> list[str]:
    full, floor = document["readings"][FULL], document["floor"]
    bounds = bounds_of(full, floor, terms)
    which, least = bounds.largest
    ratio = full["wall"] / least
    words = _words_of(bounds)
    return [
        "| the full reading can't be faster than | s | |",
        "|---|--:|---|",
        f"| {words['quota']} | {bounds.quota:.1f} | {full['units']:,.0f} units, {terms.quota * terms.share:,.0f}/s |",
        f"| {words['latency']} | {bounds.latency:.1f} | {full['requests']:,} requests, {terms.parallel} at once |",
        f"| {words['bandwidth']} | {bounds.bandwidth:.1f} | {full['wire_bytes'] / 1e6:,.1f} MB over a loopback of "
        f"{floor['loopback'] / 1e6:,.0f} MB/s through the same client |",
        f"| {words['floor']} | {bounds.floor:.1f} | the same requests through the bare adapter, no quota, nothing done "
        f"with the answers: {floor['cpu']:.1f} CPU s of the client, {floor['server_cpu']:.1f} of the server |",
        f"| **it took** | **{full['wall']:.1f}** | **{ratio:.2f} x {words[which]}: {_word(ratio <= MOST_TIMES_BOUND)}, "
        f"<= {MOST_TIMES_BOUND:g} x**; {full['reading']:.1f} s from the first request to the last answer, "
        f"{full['under_way']:.1f} requests under way on average |",
    ]


def _words_of(bounds: Bounds) -> dict[str, str]:
    words = ("resource units / share of the quota", "requests x latency / at once", "bytes / bandwidth")
    return dict(zip(bounds._fields, (*words, "the client's floor"), strict=True))


def _reading_lines(document: Mapping[str, Any], terms: Terms) -> list[str]:
    readings, naive = document["readings"], document["one_by_one"]
    least = max(terms.quota_seconds(naive["units"]), terms.latency_seconds(naive["requests"]))
    day = f"{_word(readings[PULSE]['wall'] < MOST_DAY_SECONDS)}: < {MOST_DAY_SECONDS:g} s"
    lines = [
        "| reading | wall | requests | resource units | throttled | received | client | server | records | |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    for name, title in TITLES.items():
        one = readings[name]
        verdict = f"{day}; {document['changed']:,} objects changed" if name == PULSE else ""
        lines.append(
            f"| {title} | {one['wall']:.1f} s | {one['requests']:,} | {one['units']:,.0f} | {one['throttled']:,} | "
            f"{one['wire_bytes'] / 1e6:,.1f} MB | {one['cpu']:.1f} CPU s | {one['server_cpu']:.1f} CPU s | "
            f"{one['records']:,} | {verdict} |"
        )
    times = naive["requests"] / readings[FULL]["requests"]
    return [
        *lines,
        f"| one call per object and relation | >= {least:,.0f} s | {naive['requests']:,} | {naive['units']:,.0f} | | | "
        f"| | | {times:,.0f} x the requests |",
        "",
        f"- The last row is computed and not measured: lists in pages of {PAGE_OBJECTS}, then one GET for each object "
        "and relation, stream or contained list, at the catalogue's prices, as exporters work that neither expand nor "
        "batch; further pages of long ones are left out. Its seconds are the larger of quota and latency.",
        "- A request to `$batch` is one request, and up to twenty are charged for. Where somebody left, or came back, "
        "a pulse reads relations that may lead to him for all objects: Graph tells of no group that a member was "
        "deleted.",
    ]


def _counted(collection: str, number: int) -> str:
    words = {"servicePrincipals": "service principals"}
    return f"{number:,} {words.get(collection, collection)}"


def _word(holds: bool) -> str:
    return "pass" if holds else "MISS"
