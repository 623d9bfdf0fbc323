"""What gaps hide from a difference."""

from __future__ import annotations

from verify.key import RELATION, KeyFields
from verify.snapshot import VerifiedSnapshot


class BlindSpots:
    """What gaps hide: a removal where the later snapshot could not look, an addition where the earlier could not."""

    def __init__(self, before: VerifiedSnapshot, after: VerifiedSnapshot) -> None:
        self._gaps = {"before": before.manifest.gaps, "after": after.manifest.gaps}
        self._places = {
            side: {(gap.collection, gap.relation, gap.id) for gap in gaps} for side, gaps in self._gaps.items()
        }

    def hides(self, fields: KeyFields, *, was_absent: bool, is_absent: bool) -> bool:
        """Whether the absence of this record, before or after, may be the gap's and not the tenant's."""
        relation = fields.name if fields.kind == RELATION else None
        for side, absent in (("before", was_absent), ("after", is_absent)):
            places = self._places[side]
            if not places:
                continue
            parts = {(fields.collection, relation, fields.id), (fields.collection, relation, None)}
            if relation is not None and parts & places:
                return True
            if absent and {(fields.collection, None, None), (fields.collection, None, fields.id)} & places:
                return True
        return False

    def listed(self) -> list[dict[str, object]]:
        """Every gap of either snapshot, with the side that has it."""
        return [{**gap._asdict(), "in": side} for side, gaps in self._gaps.items() for gap in gaps]
