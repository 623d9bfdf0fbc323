"""A section of BENCHMARKS.md that a program of its own writes, and that the others leave as it is."""

from __future__ import annotations

from pathlib import Path

DOCUMENT = "BENCHMARKS.md"
_BEGINNING = "\n## "


def put_kept_section(folder: Path, heading: str, section: str) -> None:
    """Puts `section`, which begins with `heading` and an empty line before that, in the place of its predecessor."""
    path = folder / DOCUMENT
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    before, _, rest = text.partition(heading)
    end = rest.find(_BEGINNING)
    path.write_text(before + section + (rest[end:] if end >= 0 else ""), encoding="utf-8")
