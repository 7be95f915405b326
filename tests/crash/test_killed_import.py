"""A file of customers is taken in while its server is killed or stopped, or its client leaves: all of it, or none."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.live.server import PASSWORD, Server, context_on, until
from tests.store.direct import count

pytestmark = pytest.mark.anyio

ROWS = 6000
ASKED = {"format": "CSV", "profiles": "people.csv"}
ENTRIES = 2 * ROWS
"""What all customers are found under: each by his name and by his mail."""

KEYS = (
    {"name": "ByName", "attributes": ["LastName"]},
    {"name": "ByMail", "attributes": ["EmailAddress"], "unique": True},
)
LEFT = ("imports", "unseen_families", "import_rows", "import_records", "import_entries")


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
    """In production, with the keys."""
    server = Server(tmp_path / "server", f'{context_on(store)}[context]\nimport_directory = "{inbox}"\n')
    await server.start()
    await post(server, "/server/mode", {"mode": "maintenance"})
    for key in KEYS:
        await post(server, "/metadata/identification-keys", key)
    await post(server, "/server/mode", {"mode": "production"})
    yield server
    await server.stop()


async def post(server: Server, path: str, body: object) -> Any:
    async with connected(server) as http, http.post(path, json=body) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json()


def connected(server: Server) -> aiohttp.ClientSession:
    authorization = {"Authorization": aiohttp.encode_basic_auth("admin", PASSWORD)}
    return aiohttp.ClientSession(server.url, headers=authorization)


async def taken_in(server: Server) -> dict[str, int]:
    told: dict[str, int] = await post(server, "/profiles/import", ASKED)
    return told


async def found(server: Server) -> list[int]:
    """How many are found of the first and the last customer."""
    async with connected(server) as http:
        counts: list[int] = []
        for number in (0, ROWS - 1):
            async with http.get("/profiles", params={"EmailAddress": f"{number}@example.org"}) as answer:
                counts.append(len(await answer.json()))
        return counts


async def wait_rows(store: str, table: str, rows: int, asked: "asyncio.Task[object]") -> None:
    """Return when a table has so many rows, or the import has ended."""

    async def far_enough() -> bool:
        return asked.done() or await asyncio.to_thread(count, store, table) >= rows

    await until(far_enough, every=0.001)


async def wait_tidied(store: str) -> None:
    """Return when nothing is left of imports that are not carried out any more."""

    async def tidied() -> bool:
        return not any([await asyncio.to_thread(count, store, table) for table in LEFT])

    await until(tidied)


@pytest.mark.parametrize(
    ("store", "table", "rows"),
    [
        ("sqlite", "customers", 1),
        ("sqlite", "customers", ROWS // 2),
        ("sqlite", "key_entries", 1),
        ("sqlite", "key_entries", ENTRIES),
        ("postgres", "customers", 1),
        ("postgres", "key_entries", 1),
    ],
    indirect=["store"],
)
async def test_after_a_crash_all_customers_of_a_file_are_there_or_none(
    server: Server, store: str, table: str, rows: int
) -> None:
    asked = asyncio.create_task(taken_in(server))
    await wait_rows(store, table, rows, asked)
    await server.kill()
    (answer,) = await asyncio.gather(asked, return_exceptions=True)
    await server.start()
    seen = await found(server)
    assert seen == [1, 1] if isinstance(answer, dict) else seen in ([0, 0], [1, 1])
    await wait_tidied(store)
    all = ROWS if seen == [1, 1] else 0
    assert [count(store, "customers"), count(store, "key_entries")] == [all, 2 * all]
    if not all:
        assert await taken_in(server) == {"created": ROWS, "updated": 0}
    assert await found(server) == [1, 1]


async def test_a_server_that_is_stopped_ends_and_all_customers_are_there_or_none(server: Server, store: str) -> None:
    asked = asyncio.create_task(taken_in(server))
    await wait_rows(store, "customers", 1, asked)
    await server.end()
    (answer,) = await asyncio.gather(asked, return_exceptions=True)
    await server.start()
    seen = await found(server)
    assert seen == ([1, 1] if isinstance(answer, dict) else [0, 0])
    await wait_tidied(store)


async def test_nothing_is_taken_in_for_a_client_who_has_left(server: Server, store: str, inbox: Path) -> None:
    with (inbox / "people.csv").open("a") as file:  # so long that nobody has to hurry
        file.writelines(f"Roe {number},{ROWS + number}@example.org\n" for number in range(10 * ROWS))
    asked = asyncio.create_task(taken_in(server))
    await wait_rows(store, "customers", 1, asked)
    asked.cancel()
    await wait_tidied(store)
    assert "import_broken_off" in server.log.read_text("utf-8")
    assert await found(server) == [0, 0]
    assert count(store, "customers") == 0
