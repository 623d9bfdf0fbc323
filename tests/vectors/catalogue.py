"""All vectors, and the table of them that lies beside as README.md."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.vectors import (
    attacks,
    custody,
    events,
    files,
    layout,
    limits,
    logs,
    manifests,
    members,
    records,
    roots,
    sealing,
    statements,
    strict_json,
    tables,
)
from tests.vectors.vector import Vector

_MODULES = (
    roots, logs, statements, strict_json, members, limits, manifests, custody, files, sealing, layout, tables, records,
    events, attacks,
)  # fmt: skip

VECTORS: list[Vector] = [vector for module in _MODULES for vector in module.VECTORS.vectors]

_HEAD = """# Test vectors of archive format 1

Each vector is one archive that the forge kit (`tests/verify/kit/`) makes straight from `verify/FORMAT.md`,
with one fault or none, and the verdict that a reader owes it: the first check that is not PASS, and the class
of error that it names. Archives are made when they are needed and not stored, since encryption is random;
`tests/verify/test_vectors.py` runs them all, and checks that this table is the one that the vectors give.
"""
_COLUMNS = "| vector | what it is | level | verdict | check | error |\n|---|---|---|---|---|---|\n"


def table_of(vectors: list[Vector]) -> str:
    """Returns the Markdown document that lists the vectors by the id that they are about."""
    counts = Counter(vector.must for vector in vectors)
    parts = [_HEAD, f"\n{len(vectors)} vectors for {len(counts)} ids.\n"]
    for must in sorted(counts):
        parts.append(f"\n## {must}\n\n{_COLUMNS}")
        parts.extend(_row_of(vector) for vector in vectors if vector.must == must)
    return "".join(parts)


def _row_of(vector: Vector) -> str:
    title = vector.title.replace("|", "\\|")
    cells = (
        f"`{vector.id}`",
        title,
        str(vector.level),
        vector.verdict,
        vector.check or "",
        vector.error or "",
    )
    return "| " + " | ".join(cells) + " |\n"


def main() -> None:
    """Writes the table beside this module."""
    Path(__file__).with_name("README.md").write_text(table_of(VECTORS), encoding="utf-8")


if __name__ == "__main__":
    main()
