"""What must not stand in any file of the tree."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

# One letter of each stands in brackets, so that this file does not find itself.
REGISTRIES = re.compile(r"p[y]pi\.org|p[y]thonhosted|registry\.n[p]mjs|deb\.d[e]bian\.org")
# A folder of one machine, at the start of a path; `root/` inside an archive's path is another thing.
MACHINE_PATHS = re.compile(r"(?<![\w}.)\]/*-])/(?:w[o]rk|r[o]ot|t[m]p|h[o]me/\w+)(?:/|\b)(?!\.)")
MAX_SCANNED_BYTES = 4_000_000  # the largest table is far below


def tracked_files(repository: Path) -> list[Path]:
    """Every file that git knows, or would take: what .gitignore names is left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        capture_output=True,
        check=True,
    ).stdout
    paths = (repository / name.decode() for name in listed.split(b"\0") if name)
    return [path for path in paths if path.is_file()]


def findings(repository: Path, pattern: re.Pattern[str]) -> Iterator[str]:
    for path in tracked_files(repository):
        assert path.stat().st_size < MAX_SCANNED_BYTES, path
        text = path.read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), 1):
            if match := pattern.search(line):
                yield f"{path.relative_to(repository)}:{number}: {match[0]}"


@pytest.mark.parametrize("pattern", [REGISTRIES, MACHINE_PATHS], ids=["registry hosts", "paths of a machine"])
def test_no_file_names_the_place_where_it_was_made(repository: Path, pattern: re.Pattern[str]) -> None:
    """A host or path of one machine does not exist on the reader's."""
    assert list(findings(repository, pattern)) == []


@pytest.mark.parametrize("line", ["open('{}/x')", "see {}/main", "cd {}"])
@pytest.mark.parametrize("folder", ["work", "root", "tmp", "home/somebody"])
def test_the_pattern_of_paths_finds_them(line: str, folder: str) -> None:
    """A pattern that finds nothing would let everything pass."""
    assert MACHINE_PATHS.search(line.format(f"/{folder}"))


@pytest.mark.parametrize("line", ["log/root/1.json", "{base}/root/1.root.json", "https://host/work"])
def test_the_pattern_of_paths_leaves_others_alone(line: str) -> None:
    """The archive has a folder of that name, and URLs have paths."""
    assert not MACHINE_PATHS.search(line)
