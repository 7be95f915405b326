"""The server is killed while a file of customers is taken in: all of them are there afterwards, or none."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.live.server import PASSWORD, Server, until
from tests.store.direct import count

pytestmark = pytest.mark.anyio

ROWS = 6000
SETTINGS = """
[store]
url = "{store}"

[context]
import_directory = "{inbox}"

[[elements]]
name = "context"
kind = "context"
driver = "inside"
"""
ASKED = {"format": "CSV", "profiles": "people.csv"}
ASIDE = ("imports", "import_rows", "import_records", "import_entries")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A directory with a file of customers."""
    directory = tmp_path / "inbox"
    directory.mkdir()
    rows = "".join(f"Doe {number},{number}@example.org\n" for number in range(ROWS))
    (directory / "people.csv").write_text("LastName,EmailAddress\n" + rows)
    return directory


@pytest.fixture
async def server(tmp_path: Path, inbox: Path, store: str) -> AsyncIterator[Server]:
    server = Server(tmp_path / "server", SETTINGS.format(inbox=inbox, store=store))
    await server.start()
    yield server
    await server.stop()


async def taken_in(server: Server) -> dict[str, int]:
    authorization = {"Authorization": aiohttp.encode_basic_auth("admin", PASSWORD)}
    async with (
        aiohttp.ClientSession(server.url, headers=authorization) as http,
        http.post("/profiles/import", json=ASKED) as answer,
    ):
        assert answer.status == 200, await answer.text()
        told: dict[str, int] = await answer.json()
        return told


@pytest.mark.parametrize(
    ("store", "rows"), [("sqlite", 1), ("sqlite", ROWS // 2), ("sqlite", ROWS), ("postgres", ROWS)], indirect=["store"]
)
async def test_all_customers_of_a_file_are_there_or_none(server: Server, store: str, rows: int) -> None:
    asked = asyncio.create_task(taken_in(server))

    async def far_enough() -> bool:
        seen = await asyncio.to_thread(count, store, "import_rows")
        return seen >= rows or asked.done() or await asyncio.to_thread(count, store, "customers") > 0

    await until(far_enough, every=0.001)
    await server.kill()
    (answer,) = await asyncio.gather(asked, return_exceptions=True)
    await server.start()
    there = count(store, "customers")
    assert there in ({ROWS} if isinstance(answer, dict) else {0, ROWS})
    assert [count(store, table) for table in ASIDE] == [0, 0, 0, 0]
    if not there:
        assert await taken_in(server) == {"created": ROWS, "updated": 0}
    assert count(store, "customers") == ROWS
