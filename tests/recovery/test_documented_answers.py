"""Every answer that Microsoft documents goes the whole way: page, record, bundle, proved snapshot, plain file."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from archiver.graph.errors import MalformedPageError
from archiver.graph.page import page_of, single_of
from archiver.graph.record import RecordShape, records_of
from recovery.plain_export import export
from tests.recovery.tenant_days import sealed_days
from tests.vault.host import Host
from verify.key import Record

REMOVED = {
    *("@odata.context", "@odata.count", "@odata.nextLink", "@odata.deltaLink", "@odata.etag", "@odata.id"),
    "@odata.editLink",
}
REMOVED_ENDINGS = tuple(
    f"@odata.{name}" for name in ("context", "nextLink", "count", "navigationLink", "associationLink", "delta")
)


@pytest.fixture(scope="module")
def documented(shared_data: Path) -> list[dict[str, Any]]:
    """The bodies of all documented answers that are a JSON object."""
    lines = (shared_data / "graph_examples.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line, parse_float=Decimal)["response_body"] for line in lines]
    return [body for body in found if isinstance(body, dict)]


@pytest.fixture(scope="module")
def bodies(documented: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are no error."""
    return [body for body in documented if not _is_error(body)]


def test_a_documented_error_is_no_object(documented: list[dict[str, Any]]) -> None:
    """Wherever it comes, with whatever status."""
    errors = [body for body in documented if _is_error(body)]
    assert errors
    for body in errors:
        with pytest.raises(MalformedPageError, match="error"):
            single_of(_text_of(body).encode())


def test_every_documented_answer_comes_out_with_the_same_value(
    host: Host, bodies: list[dict[str, Any]], tmp_path: Path
) -> None:
    """What a document shows is what Graph sends, more or less; nothing of it may be lost or respelt on the way."""
    records: list[Record] = []
    expected: dict[str, list[str]] = {}
    for number, body in enumerate(bodies):
        for collection, shape, values in _collections_of(f"answer{number:04}", body):
            unverified = _text_of({"value": values} if shape.key else values[0]).encode()
            content = page_of(unverified).values if shape.key else b"[" + single_of(unverified) + b"]"
            records += records_of(shape, content)
            expected[collection] = [_canonical(value) for value in sorted(values, key=lambda v: str(v.get("id")))]
    assert len(expected) > 1200
    exported = export(sealed_days(host, records)[0], tmp_path / "out", "jsonl")
    assert exported.files.keys() == {f"{collection}.jsonl" for collection in expected}
    for collection, lines in expected.items():
        written = (exported.folder / f"{collection}.jsonl").read_text(encoding="utf-8")
        assert written.splitlines() == lines, collection


def _is_error(body: dict[str, Any]) -> bool:
    return set(body) == {"error"} and "code" in body["error"]


def _collections_of(name: str, body: dict[str, Any]) -> list[tuple[str, RecordShape, list[dict[str, Any]]]]:
    """A list whose objects have ids is one collection; whatever else an answer holds is a singleton of its own."""
    values = body.get("value")
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        return [(name, RecordShape(name, "", frozenset()), [body])]
    ids = [value.get("id") for value in values]
    if values and all(isinstance(id_, str) and id_ for id_ in ids) and len(set(ids)) == len(ids):
        return [(name, RecordShape(name, "id", frozenset()), values)]
    singles = [(f"{name}n{number}", [value]) for number, value in enumerate(values)]
    return [(single, RecordShape(single, "", frozenset()), value) for single, value in singles]


def _canonical(value: Any) -> str:
    """Canonical bytes as COMMANDS.md section 3 has them, made without the code under test."""
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if name not in REMOVED and not name.endswith(REMOVED_ENDINGS)}
        members = [f"{_canonical(name)}:{_canonical(one)}" for name, one in sorted(kept.items())]
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _text_of(value: Any) -> str:
    """The same value as somebody else would write it: other order, white space, escapes."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(name)} : {_text_of(value[name])}" for name in reversed(value)) + " }"
    if isinstance(value, list):
        return "[ " + ", ".join(map(_text_of, value)) + " ]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)
