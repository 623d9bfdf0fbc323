"""Seals a secret that Graph never returns into every snapshot from the next one on.

FILE holds the secret itself: a client secret, the key of a certificate (PEM or PFX), a SCIM token. It is sealed at once
to the archive's recipients, so that this host can't read it back; a rebuild of the tenant asks for it. A second one
for the same place replaces the first in later snapshots. Delete FILE, or keep it where secrets are kept.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from archiver.escrow import Escrow, place_of
from archiver.graph.catalogue import load_catalogue
from archiver.state.state_folder import StateFolder
from archiver.vaulting import open_vaulting
from config.loading import load_settings
from strongroom.clock import now
from strongroom.console import Console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds FILE and --for."""
    parser.add_argument("file", metavar="FILE", help="the file that holds the secret")
    parser.add_argument(
        "--for",
        dest="place",
        metavar="COLLECTION/ID[/KEYID]",
        required=True,
        help="what it is for, such as applications/OBJECT_ID/KEY_ID",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Seals the secret, and says where it will be."""
    place = place_of(arguments.place, load_catalogue())
    settings = load_settings(arguments.config, os.environ, require_files=False)
    state = StateFolder(settings.archive.state_dir)
    with state.locked():
        vaulting = open_vaulting(settings, state, now)
        vaulting.sealer.require_recipients(vaulting.rules)
        replaced = Escrow(state.escrow).add(place, Path(arguments.file), tuple(vaulting.rules.recipients), now)
    fingerprints = vaulting.rules.fingerprints
    console.show(
        {"id": place.name, "replaced": replaced, "recipients": fingerprints},
        [
            f"sealed for {place.name}{', in place of an earlier one' if replaced else ''}: in every snapshot from the "
            "next run on",
            f"  opens with the identity of recipient {', '.join(one[:16] for one in fingerprints)}, "
            "and not on this host",
            f"  {arguments.file} is still there, in the clear: delete it, or keep it where secrets are kept",
            f"  nobody has checked that {place.name} exists, since this host can't read the archive:",
            "  after the next run, `strongroom inventory` shows it as escrowed, or among those that are for no entry",
        ],
    )
    return 0
