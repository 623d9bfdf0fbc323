"""What a run must not pass over in silence: required collections with gaps, and collections that shrank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from verify.gap import Gap

SMALLEST_ALARMING_DROP = 5
"""Objects; a collection of three that loses one has not dropped by a third of a tenant."""


def alarms_of(
    gaps: Iterable[Gap],
    required: Sequence[str],
    before: Mapping[str, int],
    now: Mapping[str, int],
    max_drop: float,
) -> list[dict[str, str]]:
    """Returns `{"kind", "subject", "detail"}` for each: `gap` in a required collection, `drop` beyond `max_drop`.

    `before` and `now` count objects per collection in the last snapshot and in this one. A collection
    with a gap is not compared: what is missing is unknown, not gone.
    """
    gaps = list(gaps)
    broken = {gap.collection for gap in gaps if not _left_meanwhile(gap)}
    alarms = [
        {"kind": "gap", "subject": name, "detail": f"required collection {name} has gaps"}
        for name in sorted(broken & set(required))
    ]
    for name, count in sorted(before.items()):
        lost = count - now.get(name, 0)
        if name not in broken and lost >= SMALLEST_ALARMING_DROP and lost > max_drop * count:
            alarms.append(
                {
                    "kind": "drop",
                    "subject": name,
                    "detail": f"{name} shrank from {count} to {now.get(name, 0)} objects",
                }
            )
    return alarms


def _left_meanwhile(gap: Gap) -> bool:
    """An object that was deleted while the run was reading it: said in a gap, and nobody's alarm."""
    return gap.reason == "not-found" and gap.id is not None
