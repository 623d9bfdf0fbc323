"""Strongroom in a repetition: whole processes of the code that ships, over an archive of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.host import BenchHost
from tests.bench.process import Timing, timed

REPOSITORY = Path(__file__).resolve().parents[2]


class Sealed(NamedTuple):
    """A day that was sealed: the whole process, and what it said of its stages."""

    timing: Timing
    document: dict[str, Any]

    @property
    def without_gathering(self) -> float:
        """Seconds of the whole process but for reading pages into the spool."""
        return self.timing.wall - float(self.document["walls"]["gather"])


class Ours:
    """One archive, made new for each repetition."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.host = BenchHost(folder)
        self._folder = folder

    def seal(self, day: int, pages: Path) -> Sealed:
        """Seals day 0 or 1 from the pages in a folder."""
        timing = self._python("tests.bench.sealing", *self.sealing_arguments(day, pages))
        document = json.loads(timing.output)
        if document["kind"] != ("full", "delta")[day]:
            raise ValueError(f"day {day} was sealed as a {document['kind']}: {document['why_full']}")
        return Sealed(timing, document)

    def sealing_arguments(self, day: int, pages: Path) -> list[str]:
        """Arguments of `tests.bench.sealing`."""
        return [str(self.host.settings_file), str(pages), self.host.taken_at(day).isoformat()]

    def verify(self, sequence: int) -> Timing:
        """Proves one snapshot at level 1."""
        return self._python("verify", *self._opening(), "--level", "1", "--snapshot", str(sequence), "--quiet")

    def show(self, sequence: int, user: str) -> Timing:
        """Shows one user with his relations, proved."""
        timing = self._python("strongroom", *self._show(sequence, user))
        document = json.loads(timing.output)
        if document["id"] != user or document["proved"] is not True or document["snapshot"] != sequence:
            raise ValueError(f"another record was shown than user {user} of snapshot {sequence}")
        return timing

    def bytes_to_show(self, sequence: int, user: str) -> int:
        """What `show` reads from the archive, in bytes."""
        target = self._folder / "count.json"
        self._python("tests.bench.counting", str(target), *self._show(sequence, user))
        return int(json.loads(target.read_text(encoding="ascii"))["bytes"])

    def difference(self) -> tuple[Timing, dict[str, Any]]:
        """Compares the two days by attribute and link; gives the summary by collection too."""
        target = self._folder / "difference.json"
        target.unlink(missing_ok=True)
        archive, *options = self._opening()
        timing = self._python("strongroom", "diff", archive, "1", "2", *options, "--out", str(target), "--quiet")
        summary: dict[str, Any] = json.loads(target.read_bytes())["summary"]
        return timing, summary

    def _show(self, sequence: int, user: str) -> list[str]:
        archive, *options = self._opening()
        return ["show", archive, "users", user, *options, "--snapshot", str(sequence), "--json"]

    def _opening(self) -> list[str]:
        host = self.host
        return [
            str(host.archive), "--trust", f"sha256:{host.fingerprint}", "--identity", str(host.identity_file),
        ]  # fmt: skip

    def _python(self, module: str, *arguments: str) -> Timing:
        return timed([sys.executable, "-m", module, *arguments], folder=REPOSITORY)
