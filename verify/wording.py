"""Numbers with their nouns, for sentences that people read."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Returns `1 gap`, `2 gaps`, `1,024 entries`; `plural` is for nouns that do more than take an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def ranged(numbers: Sequence[int], most: int | None = None) -> str:
    """Returns `1 to 3, 7` for `[1, 2, 3, 7]`, which ascend; after `most` ranges, `…` stands for the rest."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    words = [str(first) if first == last else f"{first} to {last}" for first, last in runs[:most]]
    return ", ".join(words if len(words) == len(runs) else [*words, "…"])
