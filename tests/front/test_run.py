"""`run`: what a person reads after it; the exit status and the rest are tests/archiver's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from archiver.founding import Founded
from archiver.state.state_folder import StateFolder
from recovery.rehearsal.serving.process import RunningTenant
from strongroom.commands.run import lines_of, trouble_of
from tests.front.golden import assert_golden
from tests.front.outcome import Call

PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN if sys.argv.pop(1) == "1" else signal.default_int_handler)
from strongroom.__main__ import main
sys.exit(main())
"""
STOP_SECONDS = 15.0
"""COMMANDS.md section 1: within this a run that is told to stop has ended."""


def counts(objects: int, **more: int) -> dict[str, int]:
    """A collection's row."""
    return {"objects": objects, "records": objects, "added": 0, "changed": 0, "removed": 0, **more}


def a_run(kind: str, **more: Any) -> dict[str, Any]:
    """The document of a run of five collections."""
    return {
        "outcome": "complete",
        "sequence": 7,
        "kind": kind,
        "why_full": None if kind == "delta" else "a new epoch begins (weekly)",
        "read": "full",
        "why_read_full": None,
        "read_by_changes": [],
        "why_read_whole": {},
        "unresolved": {"ids": 0, "not_judged": {}},
        "state_root": "ab" * 32,
        "state_count": 4711,
        "bundles": [{"sha256": "cd" * 32, "bytes": 29_241}],
        "requests": 48,
        "throttled": 3,
        "seconds": 61.53,
        "collections": {
            "users": counts(4000, records=8000, changed=12, added=2),
            "groups": counts(700, removed=1),
            "devices": counts(11),
            "domains": counts(1),
            "deletedUsers": counts(0),
        },
        "gaps": [],
        "events": None,
        "stores": [{"name": "vault", "outcome": "acknowledged", "error": None}],
        "alarms": [],
        **more,
    }


def test_a_delta_shows_what_changed_and_counts_the_rest() -> None:
    """Thirty lines of zeros hide the one that matters; where they are is said."""
    assert_golden("run-delta.txt", "\n".join(lines_of(a_run("delta"))) + "\n")


def test_how_it_was_read_is_said_where_changes_were_asked_for() -> None:
    """Whoever wanted a quick run sees why it was not one, and what leads nowhere is never passed over."""
    lines = list(
        lines_of(
            a_run(
                "delta",
                read="delta",
                read_by_changes=["groups", "users"],
                why_read_whole={"devices": "Graph does not say what changed: 410 resync"},
                unresolved={"ids": 2, "not_judged": {}},
            )
        )
    )
    assert "  read by what changed since the epoch's full: groups, users" in lines
    assert "  devices read whole, because: Graph does not say what changed: 410 resync" in lines
    assert "  2 ids that records name lead to no object: the records of unresolvedReferences" in lines
    lines = list(lines_of(a_run("full", why_read_full="a full is due: a new epoch begins (weekly)")))
    assert "  read everything, because: a full is due: a new epoch begins (weekly)" in lines


def test_what_was_sealed_of_the_logs_is_one_line() -> None:
    """By log, since a day without audits is another finding than one without sign-ins."""
    spans = {"directoryAudits": {"events": 1204}, "signIns": {"events": 0}}
    events = {"sequence": 7, "events": 1204, "streams": spans, "gaps": [], "bundle_bytes": 98_765}
    assert "  events 7 sealed: 1,204 of directoryAudits, 0 of signIns; 98,765 bytes" in list(
        lines_of(a_run("delta", events=events))
    )


def test_a_full_shows_everything_but_the_empty() -> None:
    """Everything in it is added, so that nothing is unchanged."""
    collections = {"users": counts(4000, added=4000), "groups": counts(700, added=700), "deletedUsers": counts(0)}
    assert_golden("run-full.txt", "\n".join(lines_of(a_run("full", collections=collections))) + "\n")


def test_a_quiet_day_is_one_line_and_gaps_and_alarms_are_never_left_out() -> None:
    """What is missing is shown although nothing of it changed."""
    gaps = [{"collection": "domains", "relation": None, "id": None, "reason": "forbidden", "detail": "403 no"}]
    alarms = [{"kind": "gap", "subject": "domains", "detail": "required collection domains has gaps"}]
    stores = [{"name": "vault", "outcome": "spooled", "error": "store vault is full"}]
    quiet = {name: counts(row["objects"]) for name, row in a_run("delta")["collections"].items()}
    run = a_run("delta", collections=quiet, gaps=gaps, alarms=alarms, stores=stores)
    assert_golden("run-gaps.txt", "\n".join(lines_of(run)) + "\n")
    assert list(trouble_of(run)) == [
        "  store vault: spooled: store vault is full",
        "  GAP domains: forbidden: 403 no",
        "  ALARM gap: required collection domains has gaps",
        "  next: `strongroom doctor` names the permission that is missing, and the line that grants it; `strongroom "
        "status` says what to do about each alarm; exit 3 stands in strongroom/COMMANDS.md, section 1",
    ]
    lines = list(lines_of(a_run("delta", collections=quiet)))
    assert "  5 collections as in the epoch's full, 1 empty" in lines
    assert not any("objects" in line for line in lines)


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        ("licence-missing", "what the tenant has no licence for can be left out: `-NAME` in export.collections"),
        ("server-error", "the next run asks again for what Graph did not give"),
    ],
)
def test_each_kind_of_gap_has_its_own_next_step(reason: str, step: str) -> None:
    """Who is sent to `doctor` for a missing licence finds nothing there; a run without trouble needs no step."""
    gap = {"collection": "domains", "relation": None, "id": None, "reason": reason, "detail": "403 no"}
    assert list(trouble_of(a_run("delta", gaps=[gap])))[1:] == [f"  next: {step}"]
    assert list(trouble_of(a_run("delta"))) == []


def test_the_whole_table_is_where_the_run_says_it_is(call: Call, archiving: Founded) -> None:
    """A pointer to nowhere is worse than none."""
    settings = str(archiving.files["settings"])
    done = call("run", "--config", settings)
    assert done.status == 0 and "`strongroom status --json`, runs[0].collections" in done.out
    runs = call("status", "--config", settings, "--json").document["runs"]
    assert runs[0]["sequence"] == 1 and runs[0]["collections"]["users"]["objects"] == 20


def test_quiet_shows_nothing_of_a_run_that_has_no_trouble(call: Call, archiving: Founded) -> None:
    """A job that mails what it prints mails on the days that need somebody; a program still gets its document."""
    settings = str(archiving.files["settings"])
    done = call("run", "--quiet", "--config", settings)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert call("run", "--quiet", "--json", "--config", settings).document["outcome"] == "complete"


@pytest.mark.parametrize(
    ("number", "to_workers", "in_background"),
    [
        (signal.SIGTERM, False, False),
        (signal.SIGTERM, True, False),
        (signal.SIGTERM, False, True),
        (signal.SIGINT, False, False),
        (signal.SIGINT, True, False),
    ],
    ids=["a service manager", "kill of a group", "a shell's background", "kill -INT", "Ctrl-C"],
)
def test_a_run_that_is_told_to_stop_ends_in_order_and_within_its_bound(
    archiving: Founded,
    simulated: RunningTenant,
    repository: Path,
    number: int,
    to_workers: bool,
    in_background: bool,
) -> None:
    """A traceback, a defect's exit status, or silence in the history would wake somebody."""
    settings = Path(str(archiving.files["settings"]))
    simulated.set_faults({"rates": {"slow": 1.0}, "slow_seconds": 30})
    # A shell makes its background processes ignore SIGINT.
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(int(in_background)), "run", "--config", str(settings)],
        cwd=repository,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("reading ")
        time.sleep(0.5)
        began = time.monotonic()
        os.killpg(process.pid, number) if to_workers else os.kill(process.pid, number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        simulated.set_faults(None)
    assert time.monotonic() - began < STOP_SECONDS
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[0] == "strongroom: interrupted" and len(err.splitlines()) == 3
    last = StateFolder(settings.parent / "state").history()[-1]
    assert last.error is not None and last.error.name == "Interrupted"


AT_STEPS = """
import os, signal, sys
from asyncio.events import Handle

numbers = [signal.Signals[name] for name in sys.argv.pop(1).split(",")]
steps, own, seen = int(sys.argv.pop(1)), os.getpid(), 0
if numbers[0] is not signal.SIGINT:
    signal.signal(signal.SIGINT, signal.SIG_IGN)

def profile(frame, event, _):
    global seen
    if event == "call" and frame.f_code is Handle._run.__code__ and os.getpid() == own:
        callback = frame.f_locals["self"]._callback
        seen += type(callback).__name__ == "TaskStepMethWrapper" or "wakeup" in getattr(callback, "__name__", "")
        if numbers and seen >= steps:
            signal.raise_signal(numbers.pop(0))

sys.setprofile(profile)
from strongroom.__main__ import main
sys.exit(main())
"""
"""A run that is told at the Nth step of a task, when the loop has taken it off its list and not yet begun it; SIGINT is
ignored, as in every background process of a shell. It is told again at each of the steps after it."""


@pytest.mark.parametrize("steps", [1, 40, 150])
@pytest.mark.parametrize("numbers", ["SIGTERM", "SIGTERM,SIGTERM,SIGHUP", "SIGINT,SIGINT,SIGINT"])
def test_no_moment_of_a_run_is_one_in_which_a_signal_makes_it_hang(
    archiving: Founded, repository: Path, numbers: str, steps: int
) -> None:
    """It would hold the state until somebody kills it, and no other run could begin."""
    settings = Path(str(archiving.files["settings"]))
    command = [sys.executable, "-c", AT_STEPS, numbers, str(steps), "run", "--json", "--config", str(settings)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 130 and json.loads(done.stdout)["error"]["class"] == "Interrupted", done.stderr
    last = StateFolder(settings.parent / "state").history()[-1]
    assert last.error is not None and last.error.name == "Interrupted"


EARLY = """
import os, signal, sys

class Told:
    def find_spec(self, name, path=None, target=None):
        if name == "strongroom.commands.run":
            os.kill(os.getpid(), signal.SIGTERM)

sys.meta_path.insert(0, Told())
from strongroom.__main__ import main
sys.exit(main())
"""
LATE = """
import atexit, os, signal, sys
atexit.register(lambda: [os.kill(os.getpid(), number) for number in (signal.SIGTERM, signal.SIGINT)])
from strongroom.__main__ import main
sys.exit(main())
"""


def program(text: str, settings: object, repository: Path) -> subprocess.CompletedProcess[str]:
    """A run of the program as a process of its own, with what `text` does around it."""
    command = [sys.executable, "-c", text, "run", "--json", "--config", str(settings)]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=60)


def test_a_run_that_is_told_to_stop_before_its_modules_are_there_says_so(founded: Founded, repository: Path) -> None:
    """A service manager may be that quick; death by the signal leaves whoever reads the document with nothing."""
    done = program(EARLY, founded.files["settings"], repository)
    assert done.returncode == 130 and json.loads(done.stdout)["error"]["class"] == "Interrupted"


def test_a_signal_after_the_result_changes_nothing(archiving: Founded, repository: Path) -> None:
    """What was to be done is done and told; its exit status says so too."""
    done = program(LATE, archiving.files["settings"], repository)
    assert done.returncode == 0 and json.loads(done.stdout)["outcome"] == "complete"


def test_a_run_that_its_settings_make_impossible_is_in_the_history(call: Call, archiving: Founded) -> None:
    """Nobody reads what cron mails; the next `status` says that no run can be made."""
    settings = Path(str(archiving.files["settings"]))
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    assert call("run", "--config", settings).status == 0
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == handlers, "a caller's own stay"
    signer = settings.parent / "keys" / "signer.json"
    signer.rename(settings.parent / "aside.json")
    assert call("run", "--config", settings, "--json").error["class"] == "SettingsError"
    shown = call("status", "--config", settings, "--json")
    assert shown.status == 3 and [alarm["kind"] for alarm in shown.document["alarms"]] == ["failed"]
    assert "keys.signer_file" in shown.document["alarms"][0]["detail"]
    (settings.parent / "aside.json").rename(signer)
    assert call("run", "--config", settings).status == 0
    assert call("status", "--config", settings).status == 0
