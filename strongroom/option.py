"""Options that several commands share, declared once so that they read alike everywhere."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

SIMULATED_TENANT_FOLDER = Path("simulated-tenant")
"""Where a simulated tenant leaves its files unless --dir says otherwise, and where it is looked for."""


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """The options of every command: --config, --json, --quiet."""
    group = parser.add_argument_group("options of every command")
    group.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="settings (default: $STRONGROOM_CONFIG, ./strongroom.toml, /etc/strongroom/strongroom.toml)",
    )
    group.add_argument("--json", action="store_true", help="one JSON document on standard output")
    group.add_argument("--quiet", action="store_true", help="no talk and no progress on standard error")


def add_archive_options(
    parser: argparse.ArgumentParser, *, snapshot: str | None = "latest", also: str | None = None
) -> None:
    """The options of commands that open an archive: ARCHIVE, --trust, --identity and --snapshot.

    `snapshot` is the default of --snapshot; None leaves the option out. `also` is one more word that it takes.
    """
    parser.add_argument(
        "archive",
        metavar="ARCHIVE",
        help="a configured store, a directory, or a URL such as dir:/srv/archive",
    )
    group = parser.add_argument_group("opening the archive")
    group.add_argument(
        "--trust",
        metavar="FILE|sha256:FINGERPRINT",
        help="trust root, or its fingerprint (default: keys.trust_root_file)",
    )
    group.add_argument("--identity", metavar="FILE", help="age identity file, or - for standard input")
    if snapshot is not None:
        more = f", or {also}" if also else ""
        group.add_argument(
            "--snapshot",
            default=snapshot,
            metavar="SNAPSHOT",
            help=f"number, latest, latest~N, a date or an RFC 3339 instant{more} (default: {snapshot})",
        )


def add_tenant_folder(parser: argparse.ArgumentParser) -> None:
    """The option of commands that change a running simulated tenant: --dir."""
    parser.add_argument(
        "--dir",
        metavar="DIR",
        type=folder,
        default=SIMULATED_TENANT_FOLDER,
        help="the folder that `tenant simulate` was given (default: %(default)s)",
    )


def folder(text: str) -> Path:
    """The type of an option that names a folder; an empty word, which a path takes for this folder, names none."""
    if not text:
        raise argparse.ArgumentTypeError("an empty word names no folder")
    return Path(text)


def whole_number(least: int, most: int, what: str) -> Callable[[str], int]:
    """The type of an option that takes a whole number from `least` to `most`; `what` it is, with its article."""

    def number_of(text: str) -> int:
        digits = text.isascii() and text.isdecimal() and len(text.lstrip("0")) <= len(str(most))
        if not (digits and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"not {what} ({least:,} to {most:,})")
        return int(text)

    return number_of
