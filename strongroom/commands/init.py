"""Makes the keys, the trust root and the settings of a new archive.

DIR gets strongroom.toml, keys/ and state/. DIR2 gets the private keys that must leave this machine: the
root's, and the identity that opens the archive unless --recipient names one that was made elsewhere.
Nothing is ever overwritten, and nothing half-made stays behind.
"""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

from archiver.founding import CERTIFICATE, Founded, FoundingPlan, absolute, found, require_room
from archiver.graph.catalogue import load_catalogue
from archiver.graph.grant import grant_lines_of
from archiver.graph.permission import permissions_of
from config.tenant import TENANT_ID
from strongroom.clock import now
from strongroom.console import Console
from verify.errors import MalformedError
from verify.identity import Recipient, recipient_of

CLIENT_ID_PLACE = "CLIENT_ID"
"""What stands in the lines that grant permissions where the application's id belongs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds DIR and the options of `init`."""
    parser.add_argument("dir", metavar="DIR", type=Path, help="folder of the archive host")
    parser.add_argument("--tenant", metavar="ID", type=_tenant, help="the tenant: GUID or domain name")
    parser.add_argument(
        "--recipient",
        metavar="R",
        type=_recipient,
        action="append",
        default=[],
        help="age recipient to seal to; its identity stays where it was made (may be given again)",
    )
    parser.add_argument(
        "--offline", metavar="DIR2", type=Path, help="folder of the private keys (default: DIR-offline)"
    )
    parser.add_argument("--yes", action="store_true", help="don't ask on a terminal")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Founds the archive and says what to do next."""
    folder = absolute(arguments.dir)
    offline = absolute(arguments.offline or folder.with_name(f"{folder.name}-offline"))
    settings = {"tenant.id": arguments.tenant} if arguments.tenant else {}
    plan = FoundingPlan(folder, offline, tuple(arguments.recipient), settings)
    require_room(plan)
    if not arguments.yes:
        console.confirm(f"Make a new archive in {folder}, and its private keys in {offline}?")
    founded = found(plan, now)
    permissions = permissions_of(load_catalogue().chosen(("all",)))
    az, powershell = grant_lines_of(permissions, CLIENT_ID_PLACE)
    document = {
        "fingerprint": founded.fingerprint,
        "archive_id": founded.archive_id,
        "recipients": list(founded.recipients),
        "files": {name: str(path) if path else None for name, path in founded.files.items()},
        "permissions": list(permissions),
        "grant": {"az": list(az), "powershell": list(powershell)},
        "canary_proved": founded.canary_proved,
    }
    lines = [
        *_made_lines(founded, folder, offline),
        *_permission_lines(permissions, az, powershell),
        *_next_lines(founded, folder),
    ]
    console.show(document, lines)
    return 0


def _made_lines(founded: Founded, folder: Path, offline: Path) -> list[str]:
    identity = (
        ["  identity.txt     opens every snapshot; whoever has it reads the archive"]
        if founded.files["identity"]
        else []
    )
    return [
        f"Archive {founded.archive_id} is founded in {folder}.",
        "",
        "Fingerprint of its trust root; write it down, verification starts from it:",
        f"  {founded.fingerprint}",
        "",
        f"Take {offline} off this machine now, to where its thief does not come:",
        "  root.json        private key of the trust root; names who may sign and who may open",
        *identity,
        "  fingerprint.txt  the fingerprint above",
        "",
    ]


def _permission_lines(permissions: tuple[str, ...], az: tuple[str, ...], powershell: tuple[str, ...]) -> list[str]:
    return [
        "Application permissions of Microsoft Graph that the application needs, all of them to read:",
        *(f"  {name}" for name in permissions),
        "",
        f"Granted with the Azure CLI ({CLIENT_ID_PLACE} is the application's client id):",
        *(f"  {line}" for line in az),
        "",
        "or with PowerShell:",
        *(f"  {line}" for line in powershell),
        "",
    ]


def _next_lines(founded: Founded, folder: Path) -> list[str]:
    config = f"--config {shlex.quote(str(founded.files['settings']))}"
    prove = [f"  strongroom keys prove --identity FILE {config}   (a run is refused before that)"]
    return [
        "Next:",
        f"  put the application's certificate with its private key into {folder / CERTIFICATE} (mode 600)",
        f"  fill in [tenant] and [tenant.credential] in {founded.files['settings']}",
        *([] if founded.canary_proved else prove),
        f"  strongroom doctor {config}",
        f"  strongroom run {config}",
    ]


def _tenant(text: str) -> str:
    if not re.fullmatch(TENANT_ID, text):
        raise argparse.ArgumentTypeError("neither a GUID nor a domain name")
    return text


def _recipient(text: str) -> Recipient:
    try:
        return recipient_of(text)
    except MalformedError as error:
        raise argparse.ArgumentTypeError(error.message) from error
