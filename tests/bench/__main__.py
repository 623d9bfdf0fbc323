"""Measures Strongroom beside its peers, prints the table, and stores it.

python -m tests.bench [--quick] [--users N] [--runs N] [--rows NAME ...] [--scale] [--folder DIR] [--to DIR]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.bench.bench import Bench, Plan
from tests.bench.limit_section import stored_limit
from tests.bench.machine import machine
from tests.bench.ours import REPOSITORY
from tests.bench.rows import ROWS
from tests.bench.section import stored_section
from tests.bench.table import json_of, markdown_of

USERS, RUNS = 100_000, 5
QUICK_USERS, QUICK_RUNS, QUICK_QUOTA_USERS = 5_000, 1, 5_000
SCALES = (10_000, 100_000)
LARGEST_SCALE = 300_000
EXPORT_USERS, QUOTA_USERS = 10_000, 100_000


def main(argv: list[str]) -> int:
    """Runs the bench. Exit 1 when something could not be measured; a missed target is no failure: the table says so."""
    arguments = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="strongroom-bench-") as temporary:
        bench = Bench(_plan_of(arguments, Path(temporary)), lambda text: print(text, file=sys.stderr, flush=True))
        bench.run()
    about = machine()
    kept = stored_limit(arguments.to) + stored_section(arguments.to)
    text = markdown_of(about, bench.samples, bench.notes, bench.details) + kept
    document = json_of(about, bench.samples, bench.raw)
    print(text)
    arguments.to.mkdir(parents=True, exist_ok=True)
    (arguments.to / "BENCHMARKS.md").write_text(text, encoding="utf-8")
    (arguments.to / "bench.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 1 if bench.failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Strongroom beside its peers.")
    names = [row.name for row in ROWS]
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_USERS:,} users, once; for tests of the bench")
    parser.add_argument("--users", type=int, help=f"users of the tenant (default: {USERS:,})")
    parser.add_argument("--runs", type=int, help=f"repetitions (default: {RUNS})")
    parser.add_argument("--rows", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--scale", action="store_true", help=f"measure the memory of {LARGEST_SCALE:,} users too")
    parser.add_argument("--folder", type=Path, help="keeps the input here for another run (default: a temporary one)")
    parser.add_argument("--to", type=Path, default=REPOSITORY, help="folder of BENCHMARKS.md and bench.json")
    return parser


def _plan_of(arguments: argparse.Namespace, temporary: Path) -> Plan:
    quick = arguments.quick
    users = arguments.users or (QUICK_USERS if quick else USERS)
    scales = (*SCALES, LARGEST_SCALE) if arguments.scale else SCALES
    return Plan(
        folder=(arguments.folder or temporary).resolve(),
        users=users,
        runs=arguments.runs or (QUICK_RUNS if quick else RUNS),
        rows=frozenset(arguments.rows),
        memory_users=SCALES[:1] if quick else scales,
        export_users=QUICK_USERS if quick else EXPORT_USERS,
        quota_users=QUICK_QUOTA_USERS if quick else QUOTA_USERS,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
