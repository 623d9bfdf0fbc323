"""The mark of a simulated tenant, which both sides of the wire take from one place."""

from __future__ import annotations

import pytest

from archiver.graph.simulation import is_simulated


@pytest.mark.parametrize(
    ("headers", "simulated"),
    [
        ({"x-strongroom-simulated": "1", "date": "x"}, True),
        ({"x-strongroom-simulated": "0"}, False),
        ({"server": "strongroom-simulated-tenant"}, False),
        ({}, False),
    ],
)
def test_the_header_and_nothing_else_marks_a_simulated_tenant(headers: dict[str, str], simulated: bool) -> None:
    """The name is part of what is published (recovery/rehearsal/README.md), so that it is spelled out here."""
    assert is_simulated(headers) is simulated
