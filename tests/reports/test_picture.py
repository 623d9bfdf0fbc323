"""The reports as pictures: a real browser draws them, and the colours say what the words say."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from recovery.reports.difference_page import difference_page
from recovery.reports.inventory_page import inventory_page
from recovery.reports.verdict_page import verdict_page
from tests.reports.inventory_specimen import estate, hostile_inventory
from tests.reports.picture import Picture, picture_of
from tests.reports.specimen import HOSTILE_NAMES, attack, check, hostile_difference, hostile_verdict, verdict

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
DARK_FLAG = "--blink-settings=preferredColorScheme=0"
BROWSER_SECONDS = 120
PAPER, DARK_PAPER = (0xFD, 0xFC, 0xF9), (0x17, 0x18, 0x1B)
PASSED, FAILED, CAUTION, SIMULATED = (0x17, 0x69, 0x3D), (0xB3, 0x26, 0x1E), (0x8A, 0x53, 0x00), (0x5B, 0x2A, 0x86)
HEADLINE_PIXELS = 800  # fewer than the sign at the top of a page covers

Shoot = Callable[..., Picture]


@cache
def browser() -> str | None:
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@pytest.fixture
def shoot(tmp_path: Path) -> Shoot:
    """Draws a page in a browser and gives the picture; skips where no Chromium is installed."""
    program = browser()
    if program is None:
        pytest.skip("chromium is absent; it draws the reports for this test")

    def draw(page: str, width: int = 700, height: int = 520, *flags: str) -> Picture:
        file, target = tmp_path / "page.html", tmp_path / "page.png"
        file.write_text(page, "utf-8")
        target.unlink(missing_ok=True)
        places = (
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--screenshot={target}",
            f"--window-size={width},{height}",
        )
        command = [program, *FLAGS, *flags, *places, file.as_uri()]
        subprocess.run(command, capture_output=True, check=True, timeout=BROWSER_SECONDS)
        return picture_of(target.read_bytes())

    return draw


def test_a_pass_has_the_passing_colour_and_no_failing_one(shoot: Shoot) -> None:
    """A red spot on a good report sends somebody looking for what is not there."""
    picture = shoot(verdict_page(verdict("PASS")))
    assert (picture.width, picture.height) == (700, 520)
    assert len(picture.colours()) > 50
    assert picture.near(PASSED) > HEADLINE_PIXELS
    assert picture.near(FAILED) == 0


def test_a_fail_has_the_failing_colour_at_the_top(shoot: Shoot) -> None:
    """A failed verdict that looks calm is worse than no report."""
    assert shoot(verdict_page(verdict("FAIL"))).near(FAILED) > HEADLINE_PIXELS


def test_checks_that_were_not_done_are_nowhere_green(shoot: Shoot) -> None:
    """NOT CHECKED is grey: green by absence is what this archive exists to rule out."""
    checks = [check(one["id"], "NOT CHECKED", required=True) for one in verdict()["checks"]]
    picture = shoot(verdict_page(verdict("INCOMPLETE", checks=checks)), 700, 2400)
    assert picture.near(PASSED) == 0
    assert picture.near(FAILED) == 0
    assert picture.near(CAUTION) > HEADLINE_PIXELS


def test_a_simulated_tenant_shows_its_own_colour(shoot: Shoot) -> None:
    """The banner is seen by someone who does not read it."""
    assert shoot(verdict_page(verdict(simulated=True))).near(SIMULATED) > HEADLINE_PIXELS
    assert shoot(verdict_page(verdict(simulated=False))).near(SIMULATED) == 0


def test_a_reader_who_prefers_dark_gets_a_dark_page(shoot: Shoot) -> None:
    """Reports are read at night."""
    page = difference_page(attack())
    light, dark = shoot(page), shoot(page, 700, 520, DARK_FLAG)
    assert light.near(PAPER, 2) > light.width * light.height // 2
    assert dark.near(DARK_PAPER, 2) > dark.width * dark.height // 2
    assert dark.near(PAPER, 2) == 0


@pytest.mark.parametrize(
    "kind", ["verdict", "difference", "inventory", "hostile verdict", "hostile difference", "hostile inventory"]
)
def test_a_page_fits_a_telephone(shoot: Shoot, kind: str) -> None:
    """Nothing reaches over the right margin, not even a name of ten thousand letters without a space."""
    name = next(name for name in HOSTILE_NAMES if name.startswith("AAA"))
    page = {
        "verdict": lambda: verdict_page(verdict("FAIL")),
        "difference": lambda: difference_page(attack()),
        "inventory": lambda: inventory_page(estate()),
        "hostile inventory": lambda: inventory_page(hostile_inventory(name)),
        "hostile verdict": lambda: verdict_page(hostile_verdict(name)),
        "hostile difference": lambda: difference_page(hostile_difference(name)),
    }[kind]()
    picture = shoot(page, 400, 3000)
    assert picture.colours() != picture.cropped(390, 400).colours()
    assert picture.cropped(390, 400).colours() == {bytes(PAPER)}
