"""`tenant simulate`: runs until it is told to stop, and prints settings that work."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path
from select import select

import pytest

from config.tenant import TenantSettings
from recovery.rehearsal.serving.process import RunningTenant
from tests.front.outcome import Call
from tests.unprivileged import run_unprivileged

START_SECONDS = 60.0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_settings_and_stops_cleanly(number: signal.Signals, tmp_path: Path, repository: Path) -> None:
    """Ctrl-C is the way to end it: exit 0, and the one document is complete before."""
    command = [
        sys.executable,
        "-m",
        "strongroom",
        "tenant",
        "simulate",
        "--users",
        "5",
        "--port",
        "0",
        "--json",
    ]
    with subprocess.Popen(
        [*command, "--dir", str(tmp_path / "sim"), "--quiet"], cwd=repository, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and select([process.stdout], [], [], START_SECONDS)[0]
        document = json.loads(process.stdout.readline())
        process.send_signal(number)
        rest, _ = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 0 and rest == b""
    printed = tomllib.loads(document["settings_toml"])["tenant"]
    assert printed["graph_url"] == document["graph_url"] and printed["simulated"] is True
    assert set(printed) <= set(TenantSettings.model_fields)


def test_its_answers_wait_as_long_as_it_is_told(tmp_path: Path, repository: Path) -> None:
    """What an export over a slow line takes can be tried."""
    command = [sys.executable, "-m", "strongroom", "tenant", "simulate", "--users", "5", "--port", "0", "--json"]
    command += ["--latency-ms", "700", "--dir", str(tmp_path / "sim"), "--quiet"]
    with subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None and select([process.stdout], [], [], START_SECONDS)[0]
            document = json.loads(process.stdout.readline())
            tenant = RunningTenant(document, process.pid)
            assert tenant.control("settings", {})["latency_ms"] == 700
        finally:
            process.terminate()


def test_a_folder_that_no_file_system_takes_is_a_named_error(call: Call, tmp_path: Path) -> None:
    """A name of 300 characters is a mistake, and no defect."""
    done = call("tenant", "simulate", "--users", "5", "--port", "0", "--dir", tmp_path / ("x" * 300), "--json")
    assert done.status not in (0, 1) and "File name too long" in done.error["message"]


def test_a_folder_that_one_may_not_enter_is_a_named_error(tmp_path: Path, repository: Path) -> None:
    """One of another account."""
    (tmp_path / "theirs").mkdir(mode=0o600)
    command = [sys.executable, "-m", "strongroom", "tenant", "simulate", "--users", "5", "--port", "0", "--json"]
    done = run_unprivileged([*command, "--dir", str(tmp_path / "theirs" / "tenant")], repository)
    assert done.returncode not in (0, 1) and "Permission denied" in json.loads(done.stdout)["error"]["message"]


def test_a_folder_of_an_earlier_tenant_is_said_to_get_a_new_one(tmp_path: Path, repository: Path) -> None:
    """Whoever meant to go on with the earlier one would look for its changes in vain."""
    command = [sys.executable, "-m", "strongroom", "tenant", "simulate", "--users", "5", "--port", "0", "--json"]
    said = []
    for _ in range(2):
        with subprocess.Popen(
            [*command, "--dir", "sim"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(repository)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None and select([process.stdout], [], [], START_SECONDS)[0]
            process.stdout.readline()
            process.terminate()
            said.append(process.communicate(timeout=START_SECONDS)[1])
    words = "sim has the files of an earlier simulated tenant; this is a new one, at its first day"
    assert [words in text for text in said] == [False, True]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--users", "0"], "--users"),
        (["--quota", "-1"], "--quota"),
        (["--quota", "nan"], "--quota"),
        (["--faults", "nonsense"], "--faults"),
        (["--port", "70000"], "--port"),
        (["--latency-ms", "-1"], "--latency-ms"),
    ],
)
def test_a_tenant_that_can_not_be_made_is_a_usage_error(
    call: Call, tmp_path: Path, words: list[str], message: str
) -> None:
    """Nothing is started."""
    done = call("tenant", "simulate", *words, "--dir", tmp_path / "sim", "--json")
    assert done.status == 2 and message in done.error["message"]


def test_a_port_that_is_taken_is_said(call: Call, tmp_path: Path) -> None:
    """The usual reason is that one runs already."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = call("tenant", "simulate", "--users", "5", "--port", port, "--dir", tmp_path / "sim", "--json")
    assert done.status == 13 and "--port" in done.error["next_step"]


def _started(folder: Path, repository: Path, *words: str) -> subprocess.Popen[str]:
    """A simulated tenant with its files in `sim`; it answers when the document has come."""
    command = [sys.executable, "-m", "strongroom", "tenant", "simulate", "--users", "5", "--port", "0", "--json"]
    process = subprocess.Popen(
        [*command, "--dir", "sim", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(repository)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and select([process.stdout], [], [], START_SECONDS)[0]
    return process


def test_a_second_one_in_the_same_folder_is_refused(call: Call, tmp_path: Path, repository: Path) -> None:
    """It would replace the certificates that clients of the first one trust."""
    with _started(tmp_path, repository) as process:
        assert process.stdout is not None and process.stdout.readline()
        before = {path.name: path.read_bytes() for path in (tmp_path / "sim").iterdir()}
        done = call("tenant", "simulate", "--users", "5", "--port", "0", "--dir", tmp_path / "sim", "--json")
        assert (done.status, done.error["class"]) == (4, "FolderInUseError")
        assert {path.name: path.read_bytes() for path in (tmp_path / "sim").iterdir()} == before
        process.terminate()
        process.communicate(timeout=START_SECONDS)


def test_a_folder_of_other_private_keys_is_refused(call: Call, tmp_path: Path) -> None:
    """A trial does not scribble into the folder that is to leave the machine."""
    (tmp_path / "identity.txt").write_text("AGE-SECRET-KEY-1X\n")
    done = call("tenant", "simulate", "--users", "5", "--port", "0", "--dir", tmp_path, "--json")
    assert (done.status, done.error["class"]) == (4, "OccupiedPlaceError")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["identity.txt"]
