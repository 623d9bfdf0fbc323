"""What a terminal would obey is shown instead."""

from __future__ import annotations

import pytest

from verify.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – größer 漢字 👍", "plain – größer 漢字 👍"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("invoice\u202efdp.exe", "invoice\\u202efdp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("c1 \x9b31m", "c1 \\x9b31m"),
        ("\ud800", "\\ud800"),
        ("line\u2028break", "line\\u2028break"),
        ("tag\U000e0041", "tag\\U000e0041"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_as_an_escape(text: str, shown: str) -> None:
    """Display names are the attacker's to choose; one that moves the cursor can forge a verdict."""
    assert visible(text) == shown
