"""An estate for each experiment, and the numbers that it has shown."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from tests.live.estate import Estate
from tests.live.sipp import SIPP, Tally

needs_sipp = pytest.mark.skip(reason="needs SIPp (Debian: sip-tester), which is not installed")

SHOWN = "experiment"
"""Property of a report that holds the numbers of an experiment, as one line."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SIPP is None and Path(__file__).parent in item.path.parents:
            item.add_marker(needs_sipp)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed"))
    lines = [line for report in reports for name, line in report.user_properties if name == SHOWN]
    if lines:
        terminalreporter.section("experiments")
    for line in lines:
        terminalreporter.write_line(str(line))


@pytest.fixture
def show(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keeps the numbers of an experiment for the end of the run."""

    def keep(**numbers: Any) -> None:
        line = f"{request.node.name} {json.dumps({name: _counted(value) for name, value in numbers.items()})}"
        request.node.user_properties.append((SHOWN, line))

    return keep


@pytest.fixture
async def estate(tmp_path: Path) -> AsyncIterator[Estate]:
    """A server on SQLite with an SBC."""
    async with Estate.of(tmp_path, store=f"sqlite:///{tmp_path}/busyout.db") as estate:
        yield estate


@pytest.fixture(params=["sqlite", "postgresql"])
async def estate_on_either_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Estate]:
    """The same on SQLite and on PostgreSQL."""
    sqlite = request.param == "sqlite"
    store = f"sqlite:///{tmp_path}/busyout.db" if sqlite else request.getfixturevalue("empty_postgres_url")
    async with Estate.of(tmp_path, store=store) as estate:
        yield estate


@pytest.fixture
async def estate_with_keep_alive(tmp_path: Path) -> AsyncIterator[Estate]:
    """A server whose SBC watches its trunk."""
    async with Estate.of(tmp_path, store=f"sqlite:///{tmp_path}/busyout.db", keep_alive=True) as estate:
        yield estate


def _counted(value: Any) -> Any:
    """A number as it is; a tally without what it did not count, failures excepted."""
    if not isinstance(value, Tally):
        return value
    return {name: count for name, count in asdict(value).items() if count or name == "failed"}
