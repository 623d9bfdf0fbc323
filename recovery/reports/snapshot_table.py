"""The snapshots of an archive as a table with a bar of bundle sizes, and their digests in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recovery.reports.bar import Part, bar, swatch
from recovery.reports.markup import Markup, element, joined
from recovery.reports.number import bytes_text, count_text, instant_text
from recovery.reports.page import Section, table
from recovery.reports.value import inline_value
from recovery.reports.verdict_document import Snapshot
from verify.wording import counted

SNAPSHOT_ROWS = 400
"""Rows of snapshots that a page shows: a year of daily ones and some."""
_PRESENT = "present"
_LOOKS = {"full": "full-bundle", "delta": "delta-bundle"}


def snapshot_section(snapshots: Sequence[Snapshot]) -> Iterator[Section]:
    """The table of snapshots, newest first; none if there is no snapshot."""
    if not snapshots:
        return
    sizes = [snapshot.bundle_bytes for snapshot in snapshots if snapshot.bundle_bytes is not None]
    scale = max(sizes, default=0)
    headings = [
        ("No.", "number slim"),
        ("Taken at", "slim"),
        ("Kind", "slim"),
        ("Records", "number"),
        ("Gaps", "number"),
    ]
    if sizes:
        headings += [("Bundle", "number"), ("Size, to scale", "roomy")]
    marked = any(snapshot.is_there_unread for snapshot in snapshots)
    rows = [_row(snapshot, scale, bool(sizes), marked) for snapshot in _newest(snapshots)]
    parts = [table(headings, rows)]
    if sizes:
        full = element("span", swatch("full-bundle"), "full", class_="key-entry")
        words = "delta (what differs from its epoch's full)"
        delta = element("span", swatch("delta-bundle"), words, class_="key-entry")
        parts.insert(0, element("p", full, delta, class_="lead"))
    yield Section("snapshots", "Snapshots", joined((*parts, _left_out(snapshots))))


def digest_section(snapshots: Sequence[Snapshot]) -> Iterator[Section]:
    """State root and manifest digest of each snapshot, in full, for whoever compares them by eye or by machine."""
    if not snapshots:
        return
    rows = [
        element(
            "tr",
            element("th", count_text(snapshot.sequence), scope="row", class_="number slim"),
            element(
                "td",
                element("small", "state root"),
                element("div", inline_value(snapshot.state_root), class_="digest"),
                element("small", "manifest, SHA-256"),
                element("div", inline_value(snapshot.manifest_sha256), class_="digest"),
            ),
        )
        for snapshot in _newest(snapshots)
    ]
    body = table((("No.", "number slim"), ("Digests", None)), rows)
    yield Section("digests", "Digests", joined((body, _left_out(snapshots))))


def _state(snapshot: Snapshot, marked: bool) -> Markup | None:
    """What is unusual about the snapshot's files; `marked`: whether they were read, since those of others were not."""
    if snapshot.state not in ("", _PRESENT):
        return element("small", inline_value(snapshot.state))
    return element("small", "read whole" if snapshot.read else "bytes not read") if marked else None


def _newest(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    return list(reversed(snapshots[-SNAPSHOT_ROWS:]))


def _left_out(snapshots: Sequence[Snapshot]) -> Markup | None:
    rest = len(snapshots) - SNAPSHOT_ROWS
    words = counted(rest, "older snapshot is", "older snapshots are")
    return element("p", f"{words} in the JSON document.") if rest > 0 else None


def _row(snapshot: Snapshot, scale: int, sized: bool, marked: bool) -> Markup:
    gaps = element("td", count_text(snapshot.gap_count), class_="number" if snapshot.gap_count else "number zero")
    size: tuple[Markup, ...] = ()
    if sized and snapshot.bundle_bytes is None:
        size = (element("td", "not given", class_="number zero"), element("td", class_="roomy"))
    elif snapshot.bundle_bytes is not None:
        words = bytes_text(snapshot.bundle_bytes)
        drawn = bar((Part(snapshot.bundle_bytes, _LOOKS.get(snapshot.kind, "delta-bundle")),), scale, words)
        size = (element("td", words, class_="number"), element("td", drawn, class_="roomy"))
    return element(
        "tr",
        element("th", count_text(snapshot.sequence), scope="row", class_="number slim"),
        element("td", inline_value(instant_text(snapshot.taken_at)), class_="slim"),
        element("td", inline_value(snapshot.kind), _state(snapshot, marked), class_="slim"),
        element("td", count_text(snapshot.records), class_="number"),
        gaps,
        *size,
    )
