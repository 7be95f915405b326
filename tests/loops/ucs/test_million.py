"""A million customers: keys are made and removed in bounded memory, and two equal ones at the end leave nothing."""

from pathlib import Path
from typing import Final

import pytest
from tests.live.api import Api, Json
from tests.live.server import CONTEXT, Server
from tests.store.direct import ask, count

pytestmark = [pytest.mark.anyio, pytest.mark.long]

CUSTOMERS: Final = 1_000_000
PATIENCE: Final = 1800.0
MEMORY: Final = 200 * 1024
"""Kibibytes; some 60 MB more than the idle server has."""

FILL: Final = f"""
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {CUSTOMERS})
INSERT INTO customers (id, attributes)
SELECT printf('c%07d', n), printf('{{"EmailAddress":"%d@example.org"}}', min(n, {CUSTOMERS - 1})) FROM numbers
"""
"""Only the last two have the same address."""


async def settled(api: Api, **command: object) -> Json:
    """A command of the context services, carried to its end."""
    operation = await api.ask("POST", "/v1/elements/context/operations", command, status=202)
    return await api.settled(operation, seconds=PATIENCE)


async def created(api: Api) -> Json:
    return await settled(api, type="create_key", name="ByMail", attributes=["EmailAddress"], unique=True)


def most_memory(server: Server) -> int:
    """Most that a server has ever had in memory, in kibibytes."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text("ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


async def test_a_key_over_a_million_customers_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    server = Server(tmp_path, CONTEXT)
    store = f"sqlite:///{server.data}/busyout.db"
    async with Api.of(server) as api:
        try:
            await server.start()
            await api.ask("POST", "/server/mode", {"mode": "maintenance"})
            ask(store, FILL)
            refused = await created(api)
            assert refused["state"] == "failed" and "same values" in refused["reason"]
            assert (count(store, "key_entries"), count(store, "identification_keys")) == (0, 0)
            mail = f'{{"EmailAddress":"{CUSTOMERS}@example.org"}}'
            ask(store, f"UPDATE customers SET attributes = '{mail}' WHERE id = 'c{CUSTOMERS:07}'")
            assert (await created(api))["state"] == "succeeded"
            assert count(store, "key_entries") == CUSTOMERS
            assert (await settled(api, type="delete_key", name="ByMail"))["state"] == "succeeded"
            assert count(store, "key_entries") == 0
            assert most_memory(server) < MEMORY
        finally:
            await server.stop()
            print(server.last_lines())
