"""Signals that end the program: the first counts, whatever comes after it, and none once the result stands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.recovery.tenant_days import object_record
from tests.vault.host import Host
from verify.identity import identity_text_of

PROGRAM = "\nfrom strongroom.__main__ import main\nsys.exit(main())\n"
TOLD_AGAIN = """
import os, shutil, signal, sys
from pathlib import Path
first, second = (signal.Signals[sys.argv.pop(1)] for _ in range(2))
open_file, remove = Path.open, shutil.rmtree

def told(path, *args, **more):
    if ".strongroom-export-" in str(path):
        os.kill(os.getpid(), first)
    return open_file(path, *args, **more)

def told_again(path, *args, **more):
    os.kill(os.getpid(), second)
    remove(path, *args, **more)

Path.open, shutil.rmtree = told, told_again
"""
"""An export that is told to end in its midst, and again when it takes away what it has written."""
TOLD_WHILE_TELLING = """
import os, signal, sys

class Out:
    def __init__(self, stream):
        self.stream = stream

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def write(self, text):
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(os.getpid(), number)
        return self.stream.write(text)

sys.stdout = Out(sys.stdout)
"""
TOLD_IN_COMPILED_CODE = """
import sys
import strongroom.__main__

strongroom.__main__.call = lambda *_: exec("raise KeyboardInterrupt")
"""
TOLD_TWICE_AT_ONCE = """
import os, signal, sys
import strongroom.__main__

def told(*_):
    numbers = [signal.SIGINT, signal.SIGHUP, signal.SIGTERM]
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    for number in numbers:
        os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)

strongroom.__main__.call = told
"""


def program(around: str, repository: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """The program as a process of its own, with what `around` does first."""
    command = [sys.executable, "-c", around + PROGRAM, *map(str, words)]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("first", ["SIGINT", "SIGTERM"])
def test_a_second_ctrl_c_does_not_cut_off_the_end(tmp_path: Path, repository: Path, first: str) -> None:
    """Who presses it twice would leave half a tenant in the clear."""
    host, identity = Host(tmp_path), tmp_path / "identity.txt"
    host.prove()
    host.seal([object_record("users", "a1", displayName="Anna")])
    identity.write_text(identity_text_of(host.identity) + "\n")
    trust = f"sha256:{host.chain.newest.fingerprint}"
    words = ["export", host.archive, "--trust", trust, "--identity", identity, "--to", tmp_path / "out", "--json"]
    done = program(TOLD_AGAIN, repository, first, "SIGINT", *words)
    assert done.returncode == 130 and json.loads(done.stdout)["error"]["class"] == "Interrupted"
    assert not [path for path in tmp_path.iterdir() if path.name == "out" or ".strongroom" in path.name]


def test_a_signal_does_not_cut_a_document_in_two(repository: Path) -> None:
    """Half a document beside the status of an interruption is no answer to the program that asked."""
    done = program(TOLD_WHILE_TELLING, repository, "--version", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["version"] and done.stderr == ""


def test_a_signal_does_not_cut_an_error_in_two(repository: Path) -> None:
    """Why a command failed stands, also where somebody has lost patience with it."""
    done = program(TOLD_WHILE_TELLING, repository, "nothing", "--json")
    assert done.returncode == 2 and json.loads(done.stdout)["error"]["class"] == "UsageError" and done.stderr == ""


def test_a_person_may_stop_a_long_list(repository: Path) -> None:
    """Lines are no document: whoever has seen enough of them says so."""
    done = program(TOLD_WHILE_TELLING, repository, "--help")
    assert done.returncode == 130 and done.stdout.count("\n") <= 1


def test_an_interrupt_in_code_that_is_being_compiled_is_one_like_any_other(repository: Path) -> None:
    """Python would die of SIGINT, which a service manager takes for a crash, after all was told."""
    done = program(TOLD_IN_COMPILED_CODE, repository, "status", "--json")
    assert done.returncode == 130 and json.loads(done.stdout)["error"]["class"] == "Interrupted"


def test_signals_that_come_at_once_are_one(repository: Path) -> None:
    """`timeout` and a terminal that closes may both mean it; Python complains of those that it lost."""
    done = program(TOLD_TWICE_AT_ONCE, repository, "status", "--json")
    assert done.returncode == 130 and json.loads(done.stdout)["error"]["class"] == "Interrupted" and done.stderr == ""
