"""The targets of a relation in order, however many there are."""

from __future__ import annotations

import random
from pathlib import Path

from recovery.attribute import value_of
from recovery.exact_json import exact_json_of
from recovery.object_view import target_id_of
from recovery.sorted_targets import SortedTargets

STRANGE_IDS = ("", "a", "A", "a\n", "\x00", "é", "\ue000", "\U0001f600", "\ud800", "aa", "10", "9")


def test_targets_come_out_as_sorting_all_of_them_would_give_them(tmp_path: Path) -> None:
    """Runs of any length give the same text: ids of every script, numbers that are exact, equal ids as they came."""
    draw = random.Random(7)
    contents = [f'{{"id":{exact_json_of(id_)},"n":{number}.50}}' for id_ in STRANGE_IDS for number in range(9)]
    targets = [value_of(content.encode()) for content in [*contents, '{"n":1}', "null", "3"]]
    draw.shuffle(targets)
    expected = [exact_json_of(target) for target in sorted(targets, key=target_id_of)]
    for run_targets in (1, 2, 7, len(targets), 1000):
        with SortedTargets(tmp_path, run_targets) as sorted_targets:
            sorted_targets.add(targets[:50])
            sorted_targets.add(targets[50:])
            assert list(sorted_targets.texts()) == expected, run_targets
    assert list(tmp_path.iterdir()) == []
