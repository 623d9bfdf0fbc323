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
from typing import Any, NamedTuple

from archiver.founding import CERTIFICATE, Founded, FoundingPlan, absolute, found, require_room
from archiver.graph.catalogue import load_catalogue
from archiver.graph.grant import grant_lines_of, permission_id_of
from archiver.graph.permission import permissions_of
from archiver.graph.registration import certificate_lines_of, public_file_of, registration_lines_of
from archiver.placement import leftovers_in
from config.loading import load_settings
from config.settings import Settings
from config.tenant import TENANT_ID
from strongroom.clock import now
from strongroom.console import Console
from strongroom.option import folder as folder_option
from strongroom.program import program_word
from verify.errors import MalformedError
from verify.identity import Recipient, recipient_of

CLIENT_ID_PLACE = "CLIENT_ID"
"""What stands in the PowerShell lines where the application's id belongs."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds DIR and the options of `init`."""
    parser.add_argument("dir", metavar="DIR", type=folder_option, help="folder of the archive host")
    tenant = parser.add_mutually_exclusive_group()
    tenant.add_argument("--tenant", metavar="ID", type=_tenant, help="the tenant: GUID or domain name")
    tenant.add_argument(
        "--simulated",
        metavar="DIR3",
        type=folder_option,
        help="the simulated tenant that runs with its files in this folder; the settings point at it",
    )
    parser.add_argument(
        "--recipient",
        metavar="R",
        type=_recipient,
        action="append",
        default=[],
        help="age recipient to seal to; its identity stays where it was made (may be given again)",
    )
    parser.add_argument(
        "--offline", metavar="DIR2", type=folder_option, help="folder of the private keys (default: DIR-offline)"
    )
    parser.add_argument("--yes", action="store_true", help="don't ask on a terminal")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Founds the archive and says what to do next."""
    folder = absolute(arguments.dir)
    offline = absolute(arguments.offline or folder.parent / f"{folder.name}-offline")
    settings = _tenant_settings_of(arguments)
    plan = FoundingPlan(folder, offline, tuple(arguments.recipient), settings)
    require_room(plan)
    if not arguments.yes:
        console.confirm(f"Make a new archive in {folder}, and its private keys in {offline}?")
    founded = found(plan, now)
    for left in founded.swept:
        console.warn(f"removed what an init that was killed had left, keys of an archive never founded: {left}")
    for left in leftovers_in(plan.places):  # a file system without locks, where the process may be alive
        console.warn(f"another init was killed, or still works; if none does, remove its keys of no archive: {left}")
    written = load_settings(founded.files["settings"], {}, require_files=False)
    registration = _registration_of(written, folder)
    document = {
        "fingerprint": founded.fingerprint,
        "archive_id": founded.archive_id,
        "recipients": list(founded.recipients),
        "files": {name: str(path) if path else None for name, path in founded.files.items()},
        "stores": [{"name": store.name, "folder": str(store.directory)} for store in written.stores],
        "permissions": list(registration.permissions),
        "grant": {
            "certificate": list(registration.certificate),
            "az": list(registration.az),
            "powershell": list(registration.powershell),
        },
        "canary_proved": founded.canary_proved,
    }
    lines = [
        *_made_lines(founded, written, folder, offline),
        *([] if arguments.simulated else _registration_lines(registration)),
        *_next_lines(founded, is_ready=bool(arguments.simulated)),
    ]
    console.show(document, lines)
    return 0


def _tenant_settings_of(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.simulated:
        from recovery.rehearsal.serving.control_file import tenant_in  # only trials need it

        return tenant_in(arguments.simulated.absolute()).settings
    return {"tenant.id": arguments.tenant} if arguments.tenant else {}


class _Registration(NamedTuple):
    """What the application needs, and the lines that register it with the tenant."""

    permissions: tuple[str, ...]
    certificate: tuple[str, ...]
    az: tuple[str, ...]
    powershell: tuple[str, ...]
    public_file: Path


def _registration_of(settings: Settings, folder: Path) -> _Registration:
    rows = load_catalogue().chosen(settings.export.collections, settings.export.secrets)
    permissions = permissions_of(rows, by_changes=settings.reads_by_changes)
    public = public_file_of(folder / CERTIFICATE)
    _, powershell = grant_lines_of(permissions, CLIENT_ID_PLACE)
    return _Registration(
        permissions,
        certificate_lines_of(folder / CERTIFICATE),
        registration_lines_of(permissions, public.name),
        powershell,
        public,
    )


def _made_lines(founded: Founded, settings: Settings, folder: Path, offline: Path) -> list[str]:
    identity = (
        ["  identity.txt     opens every snapshot; whoever has it reads the archive"]
        if founded.files["identity"]
        else []
    )
    return [
        f"Archive {founded.archive_id} is founded in {folder}.",
        *(f"Store {store.name}: {store.directory}, which the first run makes" for store in settings.stores),
        "",
        "Fingerprint of its trust root; write it down, verification starts from it:",
        f"  {founded.fingerprint}",
        "",
        f"Take {offline} off this machine now, to a place that its thief does not reach:",
        "  root.json        private key of the trust root; names who may sign and who may open",
        *identity,
        "  fingerprint.txt  the fingerprint above",
        "",
    ]


def _registration_lines(registration: _Registration) -> list[str]:
    return [
        "1. Here: a certificate for the application. Its private key never leaves this machine.",
        *(f"  {line}" for line in registration.certificate),
        "",
        f"2. Where an administrator is signed in to the Azure CLI, with {registration.public_file} beside him:",
        *(f"  {line}" for line in registration.az),
        "",
        f"   They grant {len(registration.permissions)} application permissions of Microsoft Graph, all to read only:",
        *(f"     {permission_id_of(name)}  {name}" for name in registration.permissions),
        "",
        f"   PowerShell grants them too ({CLIENT_ID_PLACE} is the application's id):",
        *(f"     {line}" for line in registration.powershell),
        "",
    ]


def _next_lines(founded: Founded, *, is_ready: bool) -> list[str]:
    settings = founded.files["settings"]
    fill_in = (
        f"3. Here: set tenant.credential.client_id and tenant.id in {settings} to the last two lines printed; then"
    )
    config = f"--config {shlex.quote(str(settings))}"
    program = program_word()
    prove = [f"  {program} keys prove --identity FILE {config}   (a run is refused before that)"]
    return [
        "Next:" if is_ready else fill_in,
        *([] if founded.canary_proved else prove),
        f"  {program} doctor {config}",
        f"  {program} run {config}",
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
