"""The server is killed while services are purged: what is left of them goes after the next start."""

from pathlib import Path

import pytest
from tests.live.api import Api, progress
from tests.live.server import Server, context_on
from tests.store.direct import ask, count

pytestmark = pytest.mark.anyio

SERVICES = 20_000
"""So many that a purge takes many units of work."""

FILL = f"""
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {SERVICES})
INSERT INTO courses (subject, contact, type, started_at, started) SELECT 'service', '+41', '1', n, '{{}}' FROM numbers
"""

PURGE = {"type": "purge_services", "before": "2026-01-01T00:00:00.000Z", "which": "purge.service.started.anonymous"}


@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
async def test_a_purge_that_was_killed_goes_on_to_its_end(store: str, tmp_path: Path) -> None:
    server = Server(tmp_path, context_on(store))
    async with Api.of(server) as api:
        try:
            await server.start()
            new = await api.ask("POST", "/services/start", {"contact_key": "+41", "service_type": 1}, status=201)
            ask(store, FILL)
            async with api.events() as heard:
                operation = await api.ask("POST", "/v1/elements/context/operations", PURGE, status=202)
                await heard.when(progress(operation))
                await server.kill()
            assert 1 < count(store, "courses") < SERVICES + 1
            await server.start()
            settled = await api.settled(operation)
            assert (settled["state"], settled["reason"]) == ("succeeded", None)
            assert ask(store, "SELECT id FROM courses") == [(new["service_id"],)]
        finally:
            await server.stop()
            print(server.last_lines())
