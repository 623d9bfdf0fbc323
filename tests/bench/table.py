"""The results as Markdown and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from tests.bench.peers import PEERS
from tests.bench.rows import OURS, RESTIC, ROWS, Row, Samples

TOOLS = (OURS, *(peer.name for peer in PEERS))

HEAD = """\
# Benchmarks

Written by `make bench`. Every row is measured side by side and interleaved in one run: each repetition takes
all tools one after the other, each from an empty repository; the table gives medians, and least and greatest
in brackets. Whole processes are timed, from the call to the end, with their input in the page cache and nothing
left to be written by others. Peers get the canonical records as JSON
lines, one file a collection; Strongroom gets the pages as Graph sends them, and canonicalises, hashes, sorts,
compresses, encrypts, opens again, signs and stores them. The tenant is simulated: sizes on a real one differ.
"""


def markdown_of(machine: Mapping[str, str], samples: Samples, notes: Sequence[str], details: Sequence[str]) -> str:
    """The whole document."""
    lines = [HEAD, "| machine | |", "|---|---|"]
    lines += [f"| {_cell(name)} | {_cell(value)} |" for name, value in machine.items()]
    lines += ["", *_table_of(samples), ""]
    lines += [f"- {note}" for note in notes]
    for detail in details:
        lines += ["", detail]
    return "\n".join(lines) + "\n"


def json_of(machine: Mapping[str, str], samples: Samples, details: Mapping[str, Any]) -> dict[str, Any]:
    """The same as values: every measurement of every row."""
    return {
        "machine": dict(machine),
        "rows": [
            {
                "name": row.name,
                "title": row.title,
                "unit": row.unit,
                "target": row.target.text(row.unit) if row.target else None,
                "verdict": samples.verdict(row) or None,
                "values": samples.values.get(row.name, {}),
            }
            for row in ROWS
            if row.name in samples.values
        ],
        "details": dict(details),
    }


def stage_table_of(title: str, rows: Sequence[tuple[str, float, float, float | None]]) -> str:
    """Stages as (name, seconds, MB, limit in MB/s): how fast each went, and how near to the machine's limit."""
    lines = [f"## {title}", "", "| stage | s | MB/s | of the machine's limit |", "|---|--:|--:|--:|"]
    for name, seconds, megabytes, limit in rows:
        rate = megabytes / seconds if seconds > 0 else 0.0
        share = f"{100 * rate / limit:.0f} % of {limit:,.0f} MB/s" if limit and rate else ""
        lines.append(f"| {name} | {seconds:.2f} | {f'{rate:,.0f}' if rate else ''} | {share} |")
    return "\n".join(lines)


def _table_of(samples: Samples) -> list[str]:
    lines = [
        f"| | {' | '.join(_cell(tool) for tool in TOOLS)} | against restic | target | |",
        f"|---|{'--:|' * len(TOOLS)}--:|---|---|",
    ]
    for row in ROWS:
        if row.name in samples.values:
            cells = [_value_of(row, samples.values[row.name].get(tool)) for tool in TOOLS]
            target = row.target.text(row.unit) if row.target else ""
            last = [_ratio_of(row, samples), target, samples.verdict(row)]
            lines.append(f"| {row.title} | {' | '.join([*cells, *last])} |")
    return lines


def _value_of(row: Row, values: Sequence[float] | None) -> str:
    if not values:
        return ""
    text = f"{_number(median(values))} {row.unit}"
    return text if len(values) == 1 else f"{text} [{_number(min(values))}-{_number(max(values))}]"


def _ratio_of(row: Row, samples: Samples) -> str:
    ours, restic = samples.median(row.name, OURS), samples.median(row.name, RESTIC)
    return f"{ours / restic:.2f} x" if ours and restic else ""


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def _cell(text: str) -> str:
    """A pipe would end the cell."""
    return text.replace("|", "\\|")
