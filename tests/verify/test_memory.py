"""What hostile bytes state decides nothing about memory: each process of the verifier stays small."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.vectors.catalogue import VECTORS
from tests.vectors.vector import Vector
from tests.verify.kit.archive import ForgedArchive, forge
from tests.verify.kit.crew import short_story
from tests.verify.kit.record import object_of
from tests.verify.kit.verdict import arguments_for

MIB = 1024 * 1024
SWELLING = [
    vector
    for vector in VECTORS
    if vector.id
    in {
        "tombstones-beyond-the-rows-of-the-full", "payload-of-two-million-arrays", "bundle-over-256-gib",
        "entries-that-were-never-there", "page-that-swells",
        "block-table-that-swells-as-it-states", "rows-that-the-plaintext-has-no-room-for",
    }
]  # fmt: skip
MOST_MIB = 120
"""Of one process; Python and its two libraries take some 30, and what is stated here comes to terabytes."""

# A process that is started from a large one is counted as that large itself; this small one stands between.
_MEASURE = """
import resource, subprocess, sys
status = subprocess.run([sys.executable, "-m", "verify", *sys.argv[1:]], stdout=sys.stderr).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def _measured(archive: ForgedArchive, level: int, repository: Path) -> tuple[int, int, bytes]:
    """Exit status, MiB of the largest process, and the verdict's JSON."""
    command = [sys.executable, "-c", _MEASURE, *arguments_for(archive, level=level)]
    run = subprocess.run(command, check=True, capture_output=True, cwd=repository)
    status, mib = map(int, run.stdout.split())
    return status, mib, run.stderr


@pytest.mark.parametrize("vector", SWELLING, ids=lambda vector: vector.id)
def test_what_an_archive_states_is_not_what_a_process_takes(vector: Vector, tmp_path: Path, repository: Path) -> None:
    """An auditor's laptop must live through an archive that somebody made to bring it down."""
    status, mib, verdict = _measured(forge(tmp_path, vector.story()), vector.level, repository)
    assert (status, json.loads(verdict)["verdict"]) == (vector.exit_status, "FAIL")
    assert mib < MOST_MIB


def test_one_block_at_a_time_is_held(tmp_path: Path, repository: Path) -> None:
    """A record may have 256 MiB, and a block of one record has no other bound."""
    story = short_story()
    story.snapshots[0].live = sorted(object_of("users", f"u{n}", {"a": "x" * (60 * MIB)}) for n in range(3))
    story.snapshots[0].bundle.blocks = lambda blocks: [[record] for block in blocks for record in block]
    status, mib, _ = _measured(forge(tmp_path, story), 1, repository)
    assert status == 0
    assert mib < MOST_MIB
