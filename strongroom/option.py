"""Options that several commands share, declared once so that they read alike everywhere."""

from __future__ import annotations

import argparse
from pathlib import Path


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


def add_archive_options(parser: argparse.ArgumentParser, *, snapshot: str | None = "latest") -> None:
    """The options of commands that open an archive: ARCHIVE, --trust, --identity and --snapshot.

    `snapshot` is the default of --snapshot; None leaves the option out.
    """
    parser.add_argument(
        "archive",
        metavar="ARCHIVE",
        help="a configured store, a directory, or a URL such as dir:/srv/archive",
    )
    group = parser.add_argument_group("opening the archive")
    group.add_argument(
        "--trust",
        metavar="FILE|sha256:HEX",
        help="trust root, or fingerprint (default: keys.trust_root_file)",
    )
    group.add_argument("--identity", metavar="FILE", help="age identity file, - for standard input")
    if snapshot is not None:
        group.add_argument(
            "--snapshot",
            default=snapshot,
            metavar="SNAPSHOT",
            help=f"number, latest, latest~N, a date or an RFC 3339 instant (default: {snapshot})",
        )
