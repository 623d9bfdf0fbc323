"""The last section of BENCHMARKS.md: a tenant of a million users, measured by itself and kept until it is again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.kept_section import put_kept_section

MOST_CLIENT_BYTES = 700e6
MOST_SERVER_BYTES = 2 * 1024**3
STORED = "million.json"
_HEADING = "\n## A large tenant, by itself: "


class Step(NamedTuple):
    """A command: seconds, and the peak of all its processes together, in bytes; `stages` has the peak of each stage.

    `forecasts` are (share done, seconds said to be left, seconds that were).
    """

    name: str
    wall: float
    peak: int
    each: tuple[int, ...]
    peak_at: float
    stage: str
    stages: Mapping[str, int]
    what: str = ""
    forecasts: Sequence[Sequence[float]] = ()


class Million(NamedTuple):
    """What was measured. Server: seconds to its first answer, its bytes then, and its peak and requests at the end."""

    machine: Mapping[str, str]
    users: int
    start_seconds: float
    start_bytes: int
    server: Mapping[str, float]
    first: Mapping[str, Any]
    steps: Sequence[Step]


def put_section(folder: Path, million: Million) -> str:
    """Stores the measurement, puts the section into BENCHMARKS.md, and gives it."""
    document = {**million._asdict(), "steps": [step._asdict() for step in million.steps]}
    (folder / STORED).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    section = section_of(document)
    put_kept_section(folder, _HEADING, section)
    return section


def stored_million(folder: Path) -> Million:
    """What was stored before. Raises OSError: nothing was."""
    document = json.loads((folder / STORED).read_bytes())
    return Million(**document | {"steps": [Step(**step) for step in document["steps"]]})


def stored_section(folder: Path) -> str:
    """The section of what was stored before, nothing if nothing was."""
    path = folder / STORED
    return section_of(json.loads(path.read_bytes())) if path.exists() else ""


def section_of(document: Mapping[str, Any]) -> str:
    """The section, from what is stored."""
    client = max(step["peak"] for step in document["steps"])
    server, machine = document["server"], document["machine"]
    lines = [
        f"{_HEADING}{document['users']:,} users",
        "",
        f"`python -m tests.bench.million`, {machine['date']}, {machine['processor']}, {machine['memory']}. Server and "
        "client share the machine, over HTTPS, without quota; memory is that of all processes of a command together.",
        "",
        "| | wall | peak memory | at | |",
        "|---|--:|--:|---|---|",
        *(_row_of(step) for step in document["steps"]),
        f"| largest of these |  | {client / 1e6:,.0f} MB | {_word(client <= MOST_CLIENT_BYTES)}: <= 700 MB |  |",
        f"| the server | {document['start_seconds']:.0f} s to start | {server['peak_bytes'] / 1e6:,.0f} MB | "
        f"{_word(server['peak_bytes'] < MOST_SERVER_BYTES)}: < 2 GiB | {document['start_bytes'] / 1e6:,.0f} MB at its "
        f"start, {server['requests']:,.0f} requests, {server['body_bytes'] / 1e9:,.1f} GB of answers |",
        "",
        *_forecast_lines(document["steps"]),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _row_of(step: Mapping[str, Any]) -> str:
    stages = ", ".join(f"{peak / 1e6:,.0f} MB {name}" for name, peak in step["stages"].items())
    where = f"{step['peak_at']:,.0f} s, {step['stage']}" + (f" ({stages})" if stages else "")
    return f"| {step['name']} | {step['wall']:,.0f} s | {step['peak'] / 1e6:,.0f} MB | {where} | {step['what']} |"


def _forecast_lines(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """What progress said of the time left, against what came."""
    return [
        f"- Time left while reading, {step['name']}, said and true: "
        + "; ".join(f"at {100 * share:.0f} % {said:,.0f} s and {was:,.0f} s" for share, said, was in step["forecasts"])
        + "."
        for step in steps
        if step["forecasts"]
    ]


def _word(holds: bool) -> str:
    return "pass" if holds else "MISS"
