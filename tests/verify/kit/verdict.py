"""Asks the verifier for its verdict on an archive, through its command line."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

from tests.verify.kit.archive import ForgedArchive
from tests.verify.kit.edit import Json
from verify.__main__ import main


@dataclass(frozen=True)
class Verdict:
    """The exit status and the JSON document of one run of `python -m verify`."""

    exit_status: int
    document: Json

    @property
    def failures(self) -> list[Json]:
        """The checks that failed, or were required and not made, in order."""
        return [
            check
            for check in self.document["checks"]
            if check["result"] == "FAIL" or (check["required"] and check["result"] == "NOT CHECKED")
        ]

    def names(self, file: str) -> bool:
        """Whether some failed check names the file."""
        return any(file in f"{check['subject']} {check['detail']}" for check in self.failures)


def arguments_for(archive: ForgedArchive, *, level: int, more: Sequence[str] = ()) -> list[str]:
    """The command line for an archive: trust, level, all snapshots, and the identity at level 1.

    In `more`, `{folder}` stands for the folder beside the archive; what it gives replaces what is given here.
    """
    folder = archive.path.parent
    given = {"--trust": str(archive.trust_root_path), "--level": str(level), "--snapshot": "all"}
    if level:
        given["--identity"] = str(archive.identity_path)
    rest = [word.replace("{folder}", str(folder)) for word in more]
    given |= dict(zip(rest[::2], rest[1::2], strict=True))
    return [str(archive.path), "--json", *(word for pair in given.items() for word in pair)]


def verdict_on(archive: ForgedArchive, *, level: int, more: Sequence[str] = ()) -> Verdict:
    """Runs the verifier in this process."""
    return verdict_of(arguments_for(archive, level=level, more=more))


def verdict_of(arguments: Sequence[str]) -> Verdict:
    """Runs the verifier in this process with these arguments."""
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
        status = main(list(arguments))
    output.flush()
    content = output.buffer
    assert isinstance(content, io.BytesIO)
    return Verdict(status, json.loads(content.getvalue()))
