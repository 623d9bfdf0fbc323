"""Tells the whole story on a simulated tenant, over real HTTPS and a directory store.

Archive, attack, archive again, verify without a network, flip a bit, compare. Everything stays in DIR. The demo
keeps identity, signer and archive on one machine, which nobody should do with a tenant of his own.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from strongroom.console import Console
from strongroom.demonstration import Told, tell

DEFAULT_FOLDER = Path("strongroom-demo")
DEFAULT_USERS = 500
DEFAULT_SEED = 1
MAX_ENTRIES_SHOWN = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --dir, --users and --seed."""
    parser.add_argument(
        "--dir", metavar="DIR", type=Path, default=DEFAULT_FOLDER, help=f"folder (default: {DEFAULT_FOLDER})"
    )
    parser.add_argument(
        "--users", metavar="N", type=int, default=DEFAULT_USERS, help=f"users (default: {DEFAULT_USERS})"
    )
    parser.add_argument(
        "--seed", metavar="S", type=int, default=DEFAULT_SEED, help="seed of the simulated tenant (default: 1)"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Plays the story; exit 0 if everything came out as it must."""
    console.say("This demo breaks a rule: archive host, verifier and identity share this machine.")
    told = tell(arguments.dir.absolute(), arguments.users, arguments.seed, console.say)
    summary = told.difference.summary()
    document = {
        "folder": str(told.folder.base),
        "fingerprint": told.founded.fingerprint,
        "runs": list(told.runs),
        "attack": list(told.attack),
        "verdict": told.verdict["verdict"],
        "verdict_of_the_damaged_copy": told.damaged["verdict"],
        "without_network": told.without_network,
        "summary": summary,
    }
    console.show(document, _lines(told))
    return 0 if (told.verdict["verdict"], told.damaged["verdict"]) == ("PASS", "FAIL") else 5


def _lines(told: Told) -> Iterator[str]:
    base = told.folder.base
    yield ""
    for run in told.runs:
        size = sum(bundle["bytes"] for bundle in run["bundles"])
        yield (
            f"snapshot {run['sequence']}: {run['kind']:5} {run['state_count']:>8,} records  {size:>11,} bytes  "
            f"{run['requests']:,} requests  {run['seconds']:.1f} s  gaps: {len(run['gaps'])}"
        )
    network = "in a namespace without any network" if told.without_network else "which opens no socket"
    checks = [check for check in told.verdict["checks"] if check["result"] == "PASS"]
    yield f"verdict: {told.verdict['verdict']}, level 1, {len(checks)} checks passed by `python -m verify` {network}"
    failed = next((check for check in told.damaged["checks"] if check["result"] == "FAIL"), None)
    subject = f", {failed['id']} names {failed['subject']}" if failed else ""
    yield f"one bit flipped in a copy: {told.damaged['verdict']}{subject}"
    yield ""
    yield f"what changed: {len(told.difference.objects)} objects. The most telling of them:"
    for entry in _telling(told):
        yield f"  {entry}"
    yield ""
    yield "look at:"
    for name in ("difference.html", "verdict.html", "verdict-of-the-damaged-copy.html"):
        yield f"  {told.folder.reports / name}"
    yield "and try, in this folder:"
    config = told.folder.host / "strongroom.toml"
    trust = f"--trust sha256:{told.founded.fingerprint}"
    identity = f"--identity {told.folder.offline / 'identity.txt'}"
    yield f"  strongroom verify {told.folder.archive} {trust} {identity}"
    yield f"  strongroom snapshots {told.folder.archive} {trust}"
    yield f"  strongroom diff {told.folder.archive} 1 2 {trust} {identity}"
    yield f"  strongroom status --config {config}"
    yield f"  age -d -i {told.folder.offline / 'identity.txt'} BUNDLE.age | zstd -dc     (age 1.3 or later)"
    yield f"everything lies in {base}"


def _telling(told: Told) -> Iterator[str]:
    """What a person would want to see first: everything but plain users and groups, then these."""
    entries = sorted(told.difference.objects, key=lambda one: one.object.collection in ("users", "groups", "devices"))
    for entry in entries[:MAX_ENTRIES_SHOWN]:
        what = ", ".join([change.path for change in entry.attributes] + [link.relation for link in entry.links][:3])
        name = entry.name or entry.object.id
        yield f"{entry.change:8} {entry.object.collection:28} {name[:48]:48} {what[:60]}"
