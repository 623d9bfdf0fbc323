"""Plain files: everything that was proved, nothing over anything else, and nothing that a spreadsheet obeys."""

from __future__ import annotations

import csv
import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from recovery.errors import TargetFolderError
from recovery.plain_export import FORMATS, export
from tests.recovery.tenant_days import object_record, relation_record, sealed_days
from tests.vault.host import Host
from verify.key import Record
from verify.snapshot import VerifiedSnapshot

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1")


@pytest.fixture
def snapshot(host: Host) -> VerifiedSnapshot:
    """A user for each formula, one with values of other types, and a group with two members."""
    users = [object_record("users", f"u{number}", displayName=name) for number, name in enumerate(FORMULAS)]
    values: dict[str, Any] = {"displayName": "Anna", "age": -5, "tags": ["-a"], "=name": "x"}
    plain = object_record("users", "u9", **values)
    crew = [object_record("groups", "g1", displayName="Crew"), relation_record("groups", "g1", "members", "u0", "u1")]
    return sealed_days(host, [*users, plain, *crew])[0]


def test_every_object_and_relation_is_written_in_every_format(snapshot: VerifiedSnapshot, tmp_path: Path) -> None:
    """An export that leaves something out is an archive that lost something."""
    for format_ in FORMATS:
        exported = export(snapshot, tmp_path / format_, format_)
        names = ("groups", "groups.members", "users")
        assert exported.files == {f"{name}.{format_}": count for name, count in zip(names, (1, 1, 9), strict=True)}
        assert sorted(path.name for path in exported.folder.iterdir()) == sorted(exported.files)
    lines = (tmp_path / "jsonl" / "users.jsonl").read_text().splitlines()
    assert json.loads((tmp_path / "json" / "users.json").read_text()) == [json.loads(line) for line in lines]
    (members,) = (tmp_path / "jsonl" / "groups.members.jsonl").read_text().splitlines()
    assert [target["id"] for target in json.loads(members)["targets"]] == ["u0", "u1"]


def test_a_relation_in_parts_is_one_line_in_order_of_ids_however_long_it_is(host: Host, tmp_path: Path) -> None:
    """Parts are in order of digests; what is joined is what sorting all of it at once would give, byte for byte."""
    ids = [f"{number * 7919 % 20_000:05}" for number in range(20_000)]
    snapshot = sealed_days(host, [object_record("groups", "g\u00e4"), *_in_parts("g\u00e4", ids)])[0]
    targets = [{"@odata.type": "#microsoft.graph.user", "id": id_} for id_ in sorted(ids)]
    line = json.dumps({"id": "g\u00e4", "targets": targets}, separators=(",", ":"))
    for format_, content in (("jsonl", f"{line}\n"), ("json", f"[\n{line}\n]\n")):
        exported = export(snapshot, tmp_path / format_, format_)
        assert (exported.folder / f"groups.members.{format_}").read_text() == content


def test_memory_does_not_grow_with_a_relation(host: Host, tmp_path: Path) -> None:
    """The group of everybody in a tenant of a million is exported on a laptop."""
    days = [[object_record("groups", "g"), *_in_parts("g", [f"{number:036}" for number in range(count)])]
            for count in (20_000, 80_000)]  # fmt: skip
    few, many = (_peak_of(snapshot, tmp_path / f"{number}") for number, snapshot in enumerate(sealed_days(host, *days)))
    assert many < few * 1.5


def _in_parts(group: str, ids: list[str]) -> list[Record]:
    parts = 512
    return [relation_record("groups", group, "members", *ids[n::parts], part=n, parts=parts) for n in range(parts)]


def _peak_of(snapshot: VerifiedSnapshot, folder: Path) -> int:
    """Bytes that an export held at most."""
    tracemalloc.start()
    try:
        export(snapshot, folder, "jsonl")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_no_cell_is_a_formula(snapshot: VerifiedSnapshot, tmp_path: Path) -> None:
    """A display name is anybody's to choose, and a spreadsheet runs what begins like a formula."""
    export(snapshot, tmp_path / "csv", "csv")
    with (tmp_path / "csv" / "users.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    names = [row[header.index("displayName")] for row in rows]
    assert names[:4] == [f"'{name}" for name in FORMULAS[:4]]
    assert names[4:] == ["'\t'=1", "'\r'=1", "'\n'=1", "'\uff1d1+1", "Anna"]
    assert "'=name" in header
    assert rows[-1][header.index("age")] == "-5" and rows[-1][header.index("tags")] == '["-a"]'


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_is_a_formula_in_a_spreadsheet_with_other_separators(
    host: Host, tmp_path: Path, separator: str
) -> None:
    """Half of Europe opens CSV with semicolons, and quotes in the middle of a cell are no quotes."""
    inner = ["Bob\t=1+1", "Bob;=1+1", 'Bob;"=1+1', "Bob\n=1+1", "Bob;\uff1d1", "a;-b"]
    users = [object_record("users", f"u{n}", displayName=text, tags=[text]) for n, text in enumerate(inner)]
    (day,) = sealed_days(host, users)
    export(day, tmp_path / "csv", "csv")
    with (tmp_path / "csv" / "users.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=separator))
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\uff1d") and cell]
    if separator == ",":
        header, *rows = rows
        assert [row[header.index("displayName")].replace("'", "") for row in rows] == inner
        assert json.loads(rows[1][header.index("tags")]) == ["Bob;'=1+1"]


def test_the_folder_is_the_owner_s_alone(snapshot: VerifiedSnapshot, tmp_path: Path) -> None:
    """What was sealed lies there in the clear."""
    assert export(snapshot, tmp_path / "out", "jsonl").folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["empty folder", "full folder", "file", "link", "link to nowhere", "FIFO"])
def test_nothing_is_written_over(snapshot: VerifiedSnapshot, tmp_path: Path, kind: str) -> None:
    """Not an older export, and not what a link leads to; what is there stays as it is."""
    target, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    match kind:
        case "empty folder":
            target.mkdir()
        case "full folder":
            target.mkdir()
            (target / "users.jsonl").write_text("mine")
        case "file":
            target.write_text("mine")
        case "link":
            target.symlink_to(elsewhere)
        case "link to nowhere":
            target.symlink_to(tmp_path / "nowhere")
        case "FIFO":
            os.mkfifo(target)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(TargetFolderError, match="is there already") as caught:
        export(snapshot, target, "jsonl")
    assert caught.value.exit_status == 4 and sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("place", ["file/out", "loop/out"])
def test_a_folder_that_can_not_be_made_is_a_named_error(snapshot: VerifiedSnapshot, tmp_path: Path, place: str) -> None:
    """Exit 4 and what to do, and nothing half-written."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(TargetFolderError, match="can't be written") as caught:
        export(snapshot, tmp_path / place, "jsonl")
    assert "another folder" in caught.value.next_step or "where this account may write" in caught.value.next_step
    assert sorted(tmp_path.rglob("*")) == before


def test_of_two_exports_at_once_one_is_whole_and_the_other_says_why_it_is_none(
    snapshot: VerifiedSnapshot, tmp_path: Path
) -> None:
    """Both began before there was such a folder; half of one under the name would look like all there is."""
    target = tmp_path / "out"

    class Overtaken:
        """A snapshot during whose reading somebody else exports to the same name."""

        def records(self) -> Iterator[Record]:
            for number, record in enumerate(snapshot.records()):
                if number == 1:
                    export(snapshot, target, "jsonl")
                yield record

    with pytest.raises(TargetFolderError, match="is there already") as caught:
        export(cast(VerifiedSnapshot, Overtaken()), target, "jsonl")
    assert caught.value.exit_status == 4
    assert sorted(path.name for path in target.iterdir()) == ["groups.jsonl", "groups.members.jsonl", "users.jsonl"]
    assert len((target / "users.jsonl").read_text().splitlines()) == 9
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_folder_that_only_looks_like_a_half_written_export_stays(snapshot: VerifiedSnapshot, tmp_path: Path) -> None:
    """It may be somebody's, or another export that is still at work."""
    beside = [tmp_path / name for name in (".out.partial", ".strongroom-export-x")]
    for folder in beside:
        folder.mkdir()
        (folder / "mine").write_text("mine")
    export(snapshot, tmp_path / "out", "jsonl")
    assert [(folder / "mine").read_text() for folder in beside] == ["mine", "mine"]
