"""The sign of a result: a shape of its own for each, so that it reads without colour and in grey print.

PASS is a disc with a tick, FAIL a square with a cross, INCOMPLETE a triangle with a bar, NOT CHECKED an empty
dashed ring. Only PASS is green and only FAIL is red.
"""

from __future__ import annotations

from recovery.reports.markup import Markup, element
from recovery.reports.verdict_document import FAIL, INCOMPLETE, NOT_CHECKED, PASS

_CLASSES = {PASS: "is-pass", FAIL: "is-fail", INCOMPLETE: "is-incomplete", NOT_CHECKED: "is-not-checked"}


def sign_class(result: str) -> str:
    """The class that gives a result its colour."""
    return _CLASSES[result]


def sign(result: str) -> Markup:
    """The shape alone, in the colour of its result; the word stands beside it."""
    if result == PASS:
        shapes = (
            element("circle", cx=50, cy=50, r=48, class_="solid"),
            element("path", d="M27 52 L43 68 L74 34", class_="cut-out"),
        )
    elif result == FAIL:
        shapes = (
            element("rect", x=4, y=4, width=92, height=92, class_="solid"),
            element("path", d="M30 30 L70 70 M70 30 L30 70", class_="cut-out"),
        )
    elif result == INCOMPLETE:
        shapes = (
            element("path", d="M50 4 L99 92 L1 92 Z", class_="solid"),
            element("path", d="M50 40 L50 62 M50 77 L50 78", class_="cut-out"),
        )
    else:
        shapes = (
            element("circle", cx=50, cy=50, r=42, class_="hollow"),
            element("path", d="M34 50 L66 50", class_="dash"),
        )
    return element("svg", *shapes, viewBox="0 0 100 100", class_=f"sign {sign_class(result)}", aria_hidden="true")


def result_word(result: str) -> Markup:
    """Sign and word together."""
    return element("span", sign(result), result, class_=f"result {sign_class(result)}")
