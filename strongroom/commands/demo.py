"""Tells the whole story on a simulated tenant, over real HTTPS and a directory store.

Archive, attack, archive again, verify without a network, flip a bit, compare. Everything stays in DIR. The demo
keeps identity, signer and archive on one machine, which nobody should do with a tenant of his own.
"""

from __future__ import annotations

import argparse
import itertools
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path

from recovery.attribute import AttributeChange
from recovery.object_change import ADDED, CHANGED, REMOVED, LinkChange, ObjectChange
from recovery.power import BY_COLLECTION
from recovery.rehearsal.altering.story import SMALLEST_STORY_TENANT_USERS
from recovery.rehearsal.population.blueprint import LARGEST_TENANT_USERS
from recovery.way_back import ON_PREMISES
from recovery.word_set import word_changes_of
from strongroom.console import Console
from strongroom.demonstration import Told, tell
from strongroom.option import folder, whole_number
from strongroom.program import program_word
from verify.segments import bundle_name_of
from verify.wording import counted

DEFAULT_FOLDER = Path("strongroom-demo")
DEFAULT_USERS = 500
DEFAULT_SEED = 1
MAX_ENTRIES_SHOWN = 16
MAX_NAME_CHARACTERS = 24
"""Characters of a linked object's name that one line shows."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --dir, --users and --seed."""
    parser.add_argument(
        "--dir",
        metavar="DIR",
        type=folder,
        help=f"new or empty folder (default: {DEFAULT_FOLDER}, or {DEFAULT_FOLDER}-2 and so on where that is taken)",
    )
    parser.add_argument(
        "--users",
        metavar="N",
        type=whole_number(SMALLEST_STORY_TENANT_USERS, LARGEST_TENANT_USERS, "a number of users"),
        default=DEFAULT_USERS,
        help=f"users, {SMALLEST_STORY_TENANT_USERS} or more (default: {DEFAULT_USERS})",
    )
    parser.add_argument(
        "--seed", metavar="S", type=int, default=DEFAULT_SEED, help="seed of the simulated tenant (default: 1)"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Plays the story; exit 0 if everything came out as it must."""
    console.say("This demo breaks a rule: archive host, verifier and identity share this machine.")
    base = (arguments.dir or _free_folder()).absolute()
    told = tell(base, arguments.users, arguments.seed, console.say)
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


def _free_folder() -> Path:
    """The default folder, or the first numbered one beside it that is not there yet or empty."""
    numbered = (DEFAULT_FOLDER.with_name(f"{DEFAULT_FOLDER}-{number}") for number in itertools.count(2))
    return next(path for path in itertools.chain([DEFAULT_FOLDER], numbered) if _is_free(path))


def _is_free(path: Path) -> bool:
    return not any(path.iterdir()) if path.is_dir() else not path.is_symlink() and not path.exists()


def _lines(told: Told) -> Iterator[str]:
    yield ""
    yield "snapshot  kind    records  bytes sealed  requests  seconds  gaps"
    for run in told.runs:
        size = sum(bundle["bytes"] for bundle in run["bundles"])
        yield (
            f"{run['sequence']:>8}  {run['kind']:5}  {run['state_count']:>8,}  {size:>12,}  {run['requests']:>8,}  "
            f"{run['seconds']:>7.1f}  {len(run['gaps']):>4,}"
        )
    yield "A record is an object, or what one is linked to; a delta seals only those that differ from the full."
    yield ""
    network = "in a namespace without any network" if told.without_network else "which opens no socket"
    checks = [check for check in told.verdict["checks"] if check["result"] == "PASS"]
    passed = f"{counted(len(checks), 'check')} passed by `python -m verify` {network}"
    yield f"verdict: {told.verdict['verdict']}, level 1, {passed}"
    failed = next((check for check in told.damaged["checks"] if check["result"] == "FAIL"), None)
    subject = f", {failed['id']} names {failed['subject']}" if failed else ""
    yield f"one bit flipped in a copy: {told.damaged['verdict']}{subject}"
    yield ""
    entries = sorted(told.difference.objects, key=_reading_order)
    yield f"what changed: {counted(len(entries), 'object')}. The most telling of them:"
    yield from (f"  {_line_of(entry)}".rstrip() for entry in entries[:MAX_ENTRIES_SHOWN])
    if len(entries) > MAX_ENTRIES_SHOWN:
        yield f"  and {len(entries) - MAX_ENTRIES_SHOWN} more in difference.html"
    yield ""
    yield from _places(told)


def _places(told: Told) -> Iterator[str]:
    """What to look at and what to try; each line can be pasted as it stands."""
    place = told.folder
    program = program_word()
    archive, identity = shlex.quote(str(place.archive)), shlex.quote(str(place.offline / "identity.txt"))
    trust = f"--trust sha256:{told.founded.fingerprint}"
    newest = place.archive / bundle_name_of(told.runs[-1]["bundles"][0]["sha256"])
    yield f"Everything lies in {place.base}. Look at, in a browser:"
    for name in ("difference.html", "verdict.html", "verdict-of-the-damaged-copy.html"):
        yield f"  {place.reports / name}"
    yield "Try:"
    yield f"  {program} verify {archive} {trust} --identity {identity}"
    yield f"  {program} snapshots {archive} {trust}"
    yield f"  {program} diff {archive} 1 2 {trust} --identity {identity}"
    yield "And without Strongroom, where age 1.3 or later and zstd are installed, what the second snapshot sealed:"
    yield f"  age -d -i {identity} {shlex.quote(str(newest))} | zstd -dc"


def _reading_order(entry: ObjectChange) -> tuple[object, ...]:
    """What a person would want to see first: what is privileged, what is gone, who was let in, then the rest.

    Of all of these, what somebody did comes before what follows from it.
    """
    let_in = entry.change == CHANGED and any(link.change == ADDED for link in entry.links)
    ranks = (bool(entry.privileged), entry.change == REMOVED, let_in, True)
    return not entry.is_news, ranks.index(True), *entry.reading_order()


def _line_of(entry: ObjectChange) -> str:
    name = textwrap.shorten(entry.name or entry.object.id, 44, placeholder=" …")
    told = textwrap.shorten(_told(entry), 54, placeholder=" …")
    return f"{entry.change:8} {entry.object.collection:28} {name:44} {told}"


def _told(entry: ObjectChange) -> str:
    """What there is to say of an entry: what it is in and grants, what puts it back, or what differs."""
    if entry.change == REMOVED:
        return f"to put it back: {'on-premises' if entry.why_none == ON_PREMISES else entry.action}"
    if entry.change == ADDED:
        role = next((name for change in entry.attributes if (name := _app_role_in(entry, change))), "")
        return " ".join([*([role] if role else []), *(["in", entry.parent_name] if entry.parent_name else [])])
    what = [_difference_of(entry, change) for change in entry.attributes]
    what += _links_of(entry)
    reason = f" ({entry.privileged})" if entry.privileged not in (None, BY_COLLECTION) else ""
    return ", ".join(what) + reason


def _difference_of(entry: ObjectChange, change: AttributeChange) -> str:
    words = word_changes_of(entry.object.collection, change.path, change.before, change.after)
    return f"{change.path}: {words.text}" if words else change.path


def _links_of(entry: ObjectChange) -> Iterator[str]:
    """Who came and who went: of each relation the first by name, and how many more."""
    links: dict[tuple[str, str], list[LinkChange]] = {}
    for link in entry.links:
        links.setdefault((link.relation, link.change), []).append(link)
    for (relation, change), found in links.items():
        name = found[0].name or found[0].id
        name = name if len(name) <= MAX_NAME_CHARACTERS else f"{name[:MAX_NAME_CHARACTERS]}…"
        more = f" and {len(found) - 1} more" if found[1:] else ""
        yield f"{relation}: {'+' if change == ADDED else '−'}{name}{more}"


def _app_role_in(entry: ObjectChange, change: AttributeChange) -> str | None:
    return entry.names.get(str(change.after)) if change.path == "/appRoleId" else None
