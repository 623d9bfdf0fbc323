"""The table of commands: each row's module is imported only when its command is chosen."""

from __future__ import annotations

import argparse
import importlib
from typing import NamedTuple, Protocol

from strongroom.console import Console


class CommandModule(Protocol):
    """What a module of strongroom.commands has. Its docstring is the text of the command's --help."""

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Adds the command's own arguments; those of every command are there already."""
        ...

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        """Carries the command out, shows its result, and returns the exit status: 0, 3 or 5.

        Raises:
            StrongroomError: for every other exit status.
        """
        ...


class Command(NamedTuple):
    """A row: the words that choose it, one line about it, and the module that carries it out."""

    name: str
    summary: str
    module: str

    @property
    def words(self) -> tuple[str, ...]:
        """The name's words; a command of a group has two."""
        return tuple(self.name.split(" "))

    def load(self) -> CommandModule:
        """Imports the module."""
        module: CommandModule = importlib.import_module(f"strongroom.commands.{self.module}")
        return module


COMMANDS = (
    Command("demo", "tell the whole story on a simulated tenant: archive, attack, verify, compare", "demo"),
    Command("tenant simulate", "run a simulated tenant to try things on", "tenant"),
    Command("tenant attack", "let an intruder loose in the running simulated tenant", "attack"),
    Command("tenant load", "put policies of your own into the running simulated tenant", "load"),
    Command("init", "make the keys, the trust root and the settings of a new archive", "init"),
    Command("doctor", "check settings, keys, state, disk, stores, clock, credential and permissions", "doctor"),
    Command("keys prove", "prove that an identity opens what is sealed to its recipient", "keys"),
    Command("escrow add", "seal a secret that Graph never returns into every snapshot from the next one on", "escrow"),
    Command("run", "make one archive run now", "run"),
    Command("daemon", "run on the schedule of the settings until it is told to stop", "daemon"),
    Command("status", "show the last runs, the next one, freshness, stores and alarms", "status"),
    Command("snapshots", "list the snapshots of an archive", "snapshots"),
    Command("verify", "prove an archive, check by check, without a network", "verify"),
    Command("show", "show one object of a snapshot with its relations", "show"),
    Command("inventory", "list what Graph never returns: secrets, keys, expiry, what to do", "inventory"),
    Command("diff", "show what differs between two snapshots", "diff"),
    Command("export", "write a snapshot as plain files", "export"),
    Command("mirror", "copy an archive into a directory, each file proved first", "mirror"),
)

# Commands that this version lacks and a later one has: named, so that nobody looks for a typing mistake.
LATER_COMMANDS = (
    "history", "search", "plan", "approve", "apply", "recovery", "rehearse", "runbook", "terraform",
    "baseline", "keys signer", "keys identity", "keys rotate", "keys revoke",
    "custodians", "witness", "media", "locks", "hold", "expire", "attest", "log", "erase",
)  # fmt: skip
