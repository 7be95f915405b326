"""What every test may use."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from tests.memory import quickest
from tests.postgres import empty_postgres_url, postgres_server, postgres_template, postgres_url

if TYPE_CHECKING:
    from tests.world import World, WorldOn

__all__ = ["empty_postgres_url", "postgres_server", "postgres_template", "postgres_url"]

settings.register_profile("busyout", deadline=None, max_examples=100)
settings.load_profile("busyout")

WITH_CALLS = ("live/test_*.py", "cli/test_calls.py")
"""Modules whose tests measure real calls: of these, never two at once."""


class NamesAtOnce:
    """Names a test when it fails: of a run that is cut off, the summary is never seen."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._reporter.ensure_newline()
            self._reporter.write_line(f"FAILED {report.nodeid} ({report.when})", red=True)


@pytest.hookimpl(trylast=True)  # the reporter has to be there
def pytest_configure(config: pytest.Config) -> None:
    if (place := quickest()) is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(place))
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:  # the processes that share the tests have none
        config.pluginmanager.register(NamesAtOnce(reporter))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests that take minutes, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if any(item.path.match(pattern) for pattern in WITH_CALLS):
            item.add_marker(pytest.mark.xdist_group("calls"))
    if config.getoption("--long"):
        return
    skip = pytest.mark.skip(reason="takes minutes; `make test-long` runs it")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skip)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the current schema and nothing in it, made once: the migrations take longer than a copy."""
    from busyout.store.migration import upgrade_sqlite  # noqa: PLC0415 - the tests of one part do not need all others

    path = tmp_path_factory.mktemp("store") / "busyout.db"
    upgrade_sqlite(path)
    return path


@pytest.fixture
def store_file(tmp_path: Path, sqlite_template: Path) -> Path:
    """The file of a store with the current schema and nothing in it."""
    return Path(shutil.copy(sqlite_template, tmp_path / "busyout.db"))


@pytest.fixture
async def world(tmp_path: Path, store_file: Path, anyio_backend: str) -> "AsyncIterator[World]":
    """One SBC `sbc` on SQLite, all duties running."""
    from tests.world import Plan, World  # noqa: PLC0415 - as above

    async with World.opened(tmp_path, Plan(store_url=f"sqlite:///{store_file}")) as opened:
        yield opened


@pytest.fixture
def world_on(request: pytest.FixtureRequest, tmp_path: Path, store_file: Path) -> "WorldOn":
    """Opens a world on the database of that name; keywords are those of `tests.world.Plan`."""
    from tests.world import Plan, World  # noqa: PLC0415 - as above

    def open_world(database="sqlite", **plan):
        postgres = database == "postgres"
        url = request.getfixturevalue("postgres_url") if postgres else f"sqlite:///{store_file}"
        return World.opened(tmp_path, Plan(store_url=url, **plan))

    return open_world
