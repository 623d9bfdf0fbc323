"""The peers: what an operator would use instead, with the commands that their manuals give.

Each sees both days under the same path, in files with a new inode and a new time, as a nightly exporter leaves
them; so restic and borg read all of it again. Their own preparation (`init`, key pairs) is not timed.
"""

from __future__ import annotations

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from tests.bench.process import Timing, first_line_of, shell, timed

SOURCE = "source"
"""Name of the folder that holds the day to be backed up."""
_PASSWORD = "correct horse battery staple"


class Peer(ABC):
    """One tool with a repository in `folder`, made new for each repetition."""

    name: str
    probe: tuple[str, ...]
    """Command that prints the version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repository = folder / "repository"
        folder.mkdir(parents=True)
        self.begin()

    @classmethod
    def version(cls) -> str | None:
        """The version that is installed, None if none is."""
        return first_line_of(cls.probe)

    @property
    def environ(self) -> Mapping[str, str]:
        """What the tool needs in its environment."""
        return {}

    @abstractmethod
    def begin(self) -> None:
        """Makes an empty repository."""

    @abstractmethod
    def back_up(self, day: int) -> Timing:
        """Backs up the source folder as day 0 or 1."""

    @abstractmethod
    def check(self) -> Timing:
        """Reads and proves everything that is stored."""

    @abstractmethod
    def one(self, id_: str) -> Timing:
        """Prints one user of day 1."""

    @abstractmethod
    def changes(self) -> Timing | None:
        """Says which files changed between the days."""

    def stored_bytes(self) -> int:
        """Size of the repository, in bytes."""
        return sum(path.stat().st_size for path in self.repository.rglob("*") if path.is_file())


class Restic(Peer):
    """restic with its defaults."""

    name = "restic"
    probe = ("restic", "version")

    @property
    def environ(self) -> Mapping[str, str]:
        return {
            "RESTIC_REPOSITORY": str(self.repository),
            "RESTIC_PASSWORD": _PASSWORD,
            "RESTIC_CACHE_DIR": str(self.folder / "cache"),
        }

    def begin(self) -> None:
        self._run("init", "-q")

    def back_up(self, day: int) -> Timing:
        return self._run("backup", "--tag", f"d{day}", "-q", SOURCE)

    def check(self) -> Timing:
        return self._run("check", "--read-data", "-q")

    def one(self, id_: str) -> Timing:
        line = f"""restic dump -q latest {SOURCE}/users.jsonl | grep -m1 -F '"id":"{id_}"'"""
        return shell(line, folder=self.folder, environ=self.environ)

    def changes(self) -> Timing:
        snapshots = json.loads(self._run("snapshots", "--json", "-q").output)
        first, second = [snapshot["short_id"] for snapshot in snapshots]
        return self._run("diff", first, second)

    def _run(self, *arguments: str) -> Timing:
        return timed(["restic", *arguments], folder=self.folder, environ=self.environ)


class Borg(Peer):
    """borg with encryption, and zstd 3 as its manual suggests."""

    name = "borg"
    probe = ("borg", "--version")

    @property
    def environ(self) -> Mapping[str, str]:
        return {"BORG_PASSPHRASE": _PASSWORD, "BORG_BASE_DIR": str(self.folder)}

    def begin(self) -> None:
        self._run("init", "-e", "repokey-blake2", "repository")

    def back_up(self, day: int) -> Timing:
        return self._run("create", "-C", "zstd,3", f"repository::d{day}", SOURCE)

    def check(self) -> Timing:
        return self._run("check", "--verify-data", "repository")

    def one(self, id_: str) -> Timing:
        line = f"""borg extract --stdout repository::d1 {SOURCE}/users.jsonl | grep -m1 -F '"id":"{id_}"'"""
        return shell(line, folder=self.folder, environ=self.environ)

    def changes(self) -> Timing:
        return self._run("diff", "repository::d0", "d1")

    def _run(self, *arguments: str) -> Timing:
        return timed(["borg", *arguments], folder=self.folder, environ=self.environ)


class TarZstdAge(Peer):
    """`tar | zstd -3 | age`: no repository, no deduplication, a file a day."""

    name = "tar|zstd|age"
    probe = ("age", "--version")

    @classmethod
    def version(cls) -> str | None:
        age, zstd, tar = (first_line_of([tool, "--version"]) for tool in ("age", "zstd", "tar"))
        return f"age {age}, {zstd.strip('* ')}, {tar}" if age and zstd and tar else None

    def begin(self) -> None:
        self.repository.mkdir()
        timed(["age-keygen", "-o", "identity.txt"], folder=self.folder)
        self._recipient = timed(["age-keygen", "-y", "identity.txt"], folder=self.folder).output.decode().strip()

    def back_up(self, day: int) -> Timing:
        target = f"repository/d{day}.age"
        line = f"set -o pipefail; tar -C {SOURCE} -cf - . | zstd -q -3 | age -r {self._recipient} -o {target}"
        return shell(line, folder=self.folder)

    def check(self) -> Timing:
        lines = [f"age -d -i identity.txt repository/d{day}.age | zstd -q -t" for day in (0, 1)]
        return shell(f"set -eo pipefail; {'; '.join(lines)}", folder=self.folder)

    def one(self, id_: str) -> Timing:
        line = "age -d -i identity.txt repository/d1.age | zstd -q -d | tar -xO ./users.jsonl"
        return shell(f"""{line} | grep -m1 -F '"id":"{id_}"'""", folder=self.folder)

    def changes(self) -> None:
        """No command tells it: two archives would have to be unpacked and compared."""


PEERS: tuple[type[Peer], ...] = (Restic, Borg, TarZstdAge)


def put_source(lines: Path, peer: Peer) -> None:
    """Moves a day's lines to where the peer reads them, with new times."""
    target = peer.folder / SOURCE
    shutil.move(lines, target)
    for path in target.iterdir():
        path.touch()


def take_source(lines: Path, peer: Peer) -> None:
    """Moves them back."""
    shutil.move(peer.folder / SOURCE, lines)
