"""What every test may use."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from tests.postgres import postgres_server, postgres_url

if TYPE_CHECKING:
    from tests.world import World, WorldOn

__all__ = ["postgres_server", "postgres_url"]

settings.register_profile("busyout", deadline=None, max_examples=100)
settings.load_profile("busyout")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests that take minutes, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    skip = pytest.mark.skip(reason="takes minutes; `make test-long` runs it")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skip)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def world(tmp_path: Path, anyio_backend: str) -> "AsyncIterator[World]":
    """One SBC `sbc` on SQLite, all duties running."""
    from tests.world import World  # noqa: PLC0415 - the tests of one part do not need all the others

    async with World.opened(tmp_path) as opened:
        yield opened


@pytest.fixture
def world_on(request: pytest.FixtureRequest, tmp_path: Path) -> "WorldOn":
    """Opens a world on the database of that name; keywords are those of `tests.world.Plan`."""
    from tests.world import Plan, World  # noqa: PLC0415 - as above

    def open_world(database="sqlite", **plan):
        postgres = database == "postgres"
        url = request.getfixturevalue("postgres_url") if postgres else f"sqlite:///{tmp_path}/busyout.db"
        return World.opened(tmp_path, Plan(store_url=url, **plan))

    return open_world
