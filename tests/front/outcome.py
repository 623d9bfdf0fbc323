"""One call of the program inside the test's process, and what came of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from strongroom.__main__ import main


class Outcome(NamedTuple):
    """Exit status and both outputs of one command line."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as its one JSON document; fails the test if it is anything else."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error in the document."""
        error: dict[str, Any] = self.document["error"]
        return error


Call = Callable[..., Outcome]


def caller(capsys: pytest.CaptureFixture[str]) -> Call:
    """Returns a function that calls the program with words, each made text."""

    def call(*words: str | os.PathLike[str]) -> Outcome:
        capsys.readouterr()
        status = main([os.fspath(word) for word in words])
        return Outcome(status, *capsys.readouterr())

    return call
