"""What every test may ask for, and two rules for a run: `--no-skips`, and live tests only when named."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--no-skips` is for machines that have everything: there a skipped test is a hole."""
    parser.addoption("--no-skips", action="store_true", help="a test that is skipped fails")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects `live` tests unless the -m expression speaks of them; they need a real tenant or store."""
    if "live" in (config.option.markexpr or ""):
        return
    live = [item for item in items if item.get_closest_marker("live")]
    if live:
        config.hook.pytest_deselected(items=live)
        items[:] = [item for item in items if item not in live]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns a skip into a failure under `--no-skips`; an expected failure (xfail) is not a skip."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and item.config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which --no-skips forbids: {_reason_of(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Does the same for a module that skips itself while it is collected."""
    report = yield
    if report.skipped and collector.config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid}: skipped, which --no-skips forbids: {_reason_of(report)}"
    return report


def _reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The reason of a skip, out of pytest's (path, line, reason)."""
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds pyproject.toml."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data beside the checkout; a test is skipped by name where it is absent."""
    named = os.environ.get("STRONGROOM_SHARED_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data is absent; STRONGROOM_SHARED_DATA may name its folder")
    return folder


@pytest.fixture(scope="session")
def age_encryption_dir() -> Path:
    """The folder whose node_modules holds age-encryption 0.3.0 or later (.ci/run makes it); else skipped."""
    named = os.environ.get("STRONGROOM_AGE_ENCRYPTION_DIR")
    if not named or not (Path(named) / "node_modules" / "age-encryption" / "package.json").is_file():
        pytest.skip("age-encryption is absent; STRONGROOM_AGE_ENCRYPTION_DIR may name a folder that holds it")
    return Path(named)
