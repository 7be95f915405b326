"""A million rows: one that is broken near the end is named and leaves nothing, and without it all of them are there."""

import asyncio
import csv
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from tests.live.api import Api
from tests.live.server import CONTEXT, Server, until
from tests.loops.ucs.test_million import most_memory
from tests.store.direct import ask, count

pytestmark = [pytest.mark.anyio, pytest.mark.long]

ROWS: Final = 1_000_000
BROKEN: Final = 999_999
ASKED: Final = {"format": "CSV", "profiles": "people.csv"}
HEADING: Final = ("PhoneNumber", "FirstName", "LastName", "EmailAddress")
KEYS: Final = (
    {"name": "ByMail", "attributes": ["EmailAddress"], "unique": True},
    {"name": "ByName", "attributes": ["LastName", "FirstName"]},
)
LEFT: Final = ("imports", "unseen_families", "import_rows", "import_records", "import_entries")

PATIENCE: Final = 1800.0
MEMORY: Final = 200 * 1024
"""Kibibytes; some 60 MB more than the idle server has."""

LARGEST_LOG: Final = 128 * 1024 * 1024
"""Bytes of the store's write-ahead log."""


def write(file: Path, *, broken: int | None) -> None:
    """A file; one row of it may lack a cell."""
    with file.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(HEADING)
        for row in range(1, ROWS + 1):
            fields = (f"+4930{row:09}", f"Ann {row % 1000}", f"Example {row % 99_991}", f"{row}@example.org")
            writer.writerow(fields if row != broken else fields[:-1])


@asynccontextmanager
async def others(api: Api) -> AsyncIterator[list[float]]:
    """Somebody makes profiles meanwhile, and finds them; how long each took, in seconds."""
    waits: list[float] = []

    async def work() -> None:
        while True:
            begun, mail = time.monotonic(), f"other {time.monotonic()}"
            await api.ask("POST", "/profiles", {"EmailAddress": mail}, status=201)
            waits.append(time.monotonic() - begun)
            assert len(await found(api, mail)) == 1
            await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work())
        yield waits
        task.cancel()


async def found(api: Api, mail: str) -> Any:
    return await api.get(f"/profiles?EmailAddress={mail}")


async def wait_tidied(store: str) -> None:
    async def tidied() -> bool:
        return not any([await asyncio.to_thread(count, store, table) for table in LEFT])

    await until(tidied, seconds=PATIENCE)


async def test_a_million_rows_are_taken_in_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "inbox" / "people.csv"
    file.parent.mkdir()
    server = Server(tmp_path / "server", f'{CONTEXT}[context]\nimport_directory = "{file.parent}"\n')
    store = f"sqlite:///{server.data}/busyout.db"
    async with Api.of(server) as api:
        try:
            await server.start()
            await api.ask("POST", "/server/mode", {"mode": "maintenance"})
            for key in KEYS:
                await api.ask("POST", "/metadata/identification-keys", key, status=201)
            await api.ask("POST", "/server/mode", {"mode": "production"})
            write(file, broken=BROKEN)
            refused = await api.ask("POST", "/profiles/import", ASKED, status=400)
            assert f"row {BROKEN} " in refused["message"]
            assert await found(api, "1@example.org") == []
            await wait_tidied(store)
            assert (count(store, "customers"), count(store, "key_entries")) == (0, 0)
            write(file, broken=None)
            async with others(api) as waits:
                assert await api.ask("POST", "/profiles/import", ASKED) == {"created": ROWS, "updated": 0}
            assert [len(await found(api, f"{row}@example.org")) for row in (1, BROKEN, ROWS)] == [1, 1, 1]
            await wait_tidied(store)
            assert ask(store, "SELECT count(*) FROM key_entries WHERE whole IS NOT NULL")[0][0] == ROWS + len(waits)
            assert most_memory(server) < MEMORY
            assert (server.data / "busyout.db-wal").stat().st_size < LARGEST_LOG
        finally:
            await server.stop()
