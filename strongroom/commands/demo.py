"""Tells the whole story on a simulated tenant, over real HTTPS and a directory store.

Archive, attack, archive again, verify without a network, flip a bit, compare. Everything stays in DIR. The demo
keeps identity, signer and archive on one machine, which nobody should do with a tenant of his own.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from recovery.reports.privilege import PRIVILEGED
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
            f"snapshot {run['sequence']}: {run['kind']:5} {run['state_count']:>8,} records in all  {size:>11,} bytes  "
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
    yield "and try:"
    program = sys.argv[0] if Path(sys.argv[0]).name == "strongroom" else "strongroom"
    config = told.folder.host / "strongroom.toml"
    trust = f"--trust sha256:{told.founded.fingerprint}"
    identity = f"--identity {told.folder.offline / 'identity.txt'}"
    yield f"  {program} verify {told.folder.archive} {trust} {identity}"
    yield f"  {program} snapshots {told.folder.archive} {trust}"
    yield f"  {program} diff {told.folder.archive} 1 2 {trust} {identity}"
    yield f"  {program} status --config {config}"
    newest = min((told.folder.archive / "bundles").rglob("*.age"), key=lambda path: path.stat().st_size)
    yield f"  age -d -i {told.folder.offline / 'identity.txt'} {newest} | zstd -dc     (age 1.3 or later)"
    yield f"everything lies in {base}"


def _telling(told: Told) -> Iterator[str]:
    """What a person would want to see first: privileged collections, then groups and users, then the rest."""
    order = {name: place for place, name in enumerate(PRIVILEGED)}
    entries = sorted(told.difference.objects, key=lambda one: order.get(one.object.collection, len(order)))
    for entry in entries[:MAX_ENTRIES_SHOWN]:
        links = Counter(f"{link.relation} {link.change}" for link in entry.links)
        what = [change.path for change in entry.attributes] if entry.change == "changed" else []
        what += [f"{count} {words}" for words, count in links.items()]
        name = textwrap.shorten(entry.name or entry.object.id, 44, placeholder=" …")
        told_of = textwrap.shorten(", ".join(what), 50, placeholder=" …")
        yield f"{entry.change:8} {entry.object.collection:28} {name:44} {told_of}"
