"""Files of customers in tests: a directory for them, a file that is slow to come, and what is kept of imports."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.services.context.estate import estate
from tests.slots import OneServer
from tests.store.direct import ask
from tests.world import ADMIN, World, WorldOn

from busyout.domain.context.importing import Imported, ImportRequest, Row
from busyout.services.context.importing import Importing

TABLES = ("imports", "unseen_families", "import_rows", "import_records", "import_entries")


@pytest.fixture(params=["sqlite", "postgres"])
async def world(request: pytest.FixtureRequest, world_on: WorldOn, tmp_path: Path) -> AsyncIterator[World]:
    """A server in production, with a directory for imports."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    async with estate(world_on, request.param, inbox) as world:
        yield world


@pytest.fixture
def inbox(tmp_path: Path, world: World) -> Path:
    return tmp_path / "inbox"


def asked(key: str | None = None, *, start_from: int = 0, delimiter: str = ",") -> ImportRequest:
    return ImportRequest("people.csv", key, delimiter, "UTF-8", start_from)


async def taken_in(world: World, inbox: Path, *lines: str, key: str | None = None, start_from: int = 0) -> Imported:
    (inbox / "people.csv").write_text("\r\n".join(lines) + "\r\n", "utf-8")
    return await world.services.customers.import_file(ADMIN, asked(key, start_from=start_from))


Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def rows_of(request: pytest.FixtureRequest, world: World, store_file: Path) -> Ask:
    """All rows of a table, in order."""
    on_postgres = request.node.callspec.params["world"] == "postgres"
    url = request.getfixturevalue("postgres_url") if on_postgres else f"sqlite:///{store_file}"
    return lambda table: sorted(ask(url, f"SELECT * FROM {table}"), key=repr)


def put_aside(rows_of: Ask) -> list[int]:
    """How many rows there are of each table where things are put aside."""
    return [len(rows_of(table)) for table in TABLES]


async def left(world: World, rows_of: Ask) -> list[int]:
    """What is left of imports once it was tidied."""
    await world.services.customers.tidy()
    return put_aside(rows_of)


async def everything(world: World, rows_of: Ask) -> list[list[tuple[object, ...]]]:
    """All that is known of customers once it was tidied."""
    await world.services.customers.tidy()
    return [rows_of(table) for table in ("customers", "customer_records", "key_entries")]


class Waiting:
    """A folder whose file ends when it is let go."""

    def __init__(self, *rows: tuple[str, ...]) -> None:
        self._rows = rows
        self.read = asyncio.Event()
        self.go_on = asyncio.Event()

    @asynccontextmanager
    async def opened(
        self, name: str, *, delimiter: str, encoding: str
    ) -> AsyncIterator[AsyncIterator[tuple[Row, ...]]]:
        yield self._pieces()

    async def _pieces(self) -> AsyncIterator[tuple[Row, ...]]:
        for number, fields in enumerate(self._rows):
            yield (Row(number, fields),)
        self.read.set()
        await self.go_on.wait()


def importing(world: World, folder: Waiting) -> Importing:
    services = world.services
    return Importing(world.store.intake, folder, services.context_schemas, OneServer(), services.audit)
