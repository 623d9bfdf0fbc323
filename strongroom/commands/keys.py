"""Proves that an identity opens what is sealed to its recipient.

Opens the canary of every recipient in keys.recipients with the identity, and records each that opens in the
archive's log. A run is refused until its recipients are proved: an archive must not be sealed for nobody.
Take the identity off the archive host again afterwards.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from archiver.canary_proof import NOT_OPENED, PROVED, PROVED_BEFORE, CanaryProof, prove_canaries
from archiver.state.identity_trace import IdentityTrace, lies_here
from archiver.state.state_folder import StateFolder
from archiver.state.state_trouble import spool_error_of
from config.loading import load_settings
from strongroom.clock import now
from strongroom.console import Console
from verify.identity_file import identities_in

_WORDS = {
    PROVED: "proved: its canary opens, and the log says so",
    PROVED_BEFORE: "its canary opens; that was proved and logged before",
    NOT_OPENED: "not opened: its canary is sealed to another identity",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds --identity."""
    parser.add_argument("--identity", metavar="FILE", required=True, help="age identity file, or - for standard input")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Proves the canaries. Exit 3 if one of several recipients was not opened."""
    settings = load_settings(arguments.config, os.environ, require_files=False)
    identities = identities_in(arguments.identity)
    state = StateFolder(settings.archive.state_dir)
    if lies_here(arguments.identity, identities, settings.keys.recipients):
        _remember(state, Path(arguments.identity))
        console.warn(f"warning: {arguments.identity} is readable on the archive host; take it away when this is done")
    proofs = prove_canaries(settings, state, identities, now)
    complete = all(proof.outcome != NOT_OPENED for proof in proofs)
    console.show(
        {"proved": complete, "recipients": [proof._asdict() for proof in proofs]},
        [_line_of(proof) for proof in proofs],
    )
    return 0 if complete else 3


def _remember(state: StateFolder, identity: Path) -> None:
    """Lets `doctor` fail for as long as the file stays readable on this host."""
    try:
        IdentityTrace(state.folder).remember(identity.resolve())
    except OSError as error:
        raise spool_error_of(error, f"nothing was proved: {state.folder} can't be written") from error


def _line_of(proof: CanaryProof) -> str:
    return f"recipient {proof.fingerprint}: {_WORDS[proof.outcome]}"
