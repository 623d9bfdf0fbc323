"""The mark of a simulated tenant: a header of every answer, so that nobody takes it for Microsoft's."""

from __future__ import annotations

from collections.abc import Mapping

SIMULATED_HEADER = "x-strongroom-simulated"
SIMULATED_VALUE = "1"


def is_simulated(headers: Mapping[str, str]) -> bool:
    """Whether an answer with these headers, names in lower case, comes from a simulated tenant."""
    return headers.get(SIMULATED_HEADER) == SIMULATED_VALUE
