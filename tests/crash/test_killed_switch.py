"""The server is killed in each step of a switch of the mode: the switch ends after the next start."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from tests.live.api import Api, moved
from tests.live.server import Server, context_on

pytestmark = pytest.mark.anyio

STEPS: Final = ("refuse requests", "wait for requests in progress, then change the mode")
EXTENSION: Final = {"name": "Orders", "type": "multi-valued", "attributes": [{"name": "number", "type": "integer"}]}


@pytest.fixture
async def api(store: str, tmp_path: Path) -> AsyncIterator[Api]:
    """A server in production; gone after the test."""
    server = Server(tmp_path, context_on(store))
    async with Api.of(server) as api:
        try:
            await server.start()
            yield api
        finally:
            await server.stop()
            print(server.last_lines())


async def survive(api: Api, step: str, moment: str) -> None:
    """Kill the server at a moment of the switch to maintenance, and see it done after the next start."""
    async with api.events() as heard:
        operation = await api.ask(
            "POST", "/v1/elements/context/operations", {"type": "switch_mode", "mode": "maintenance"}, status=202
        )
        await heard.when(moved(operation, step, moment))
        await api.server.kill()
    await api.server.start()
    settled = await api.settled(operation)
    assert (settled["state"], settled["reason"]) == ("succeeded", None)
    assert (await api.get("/server/status"))["mode"] == "maintenance"
    await api.ask("POST", "/profiles", {"FirstName": "Ann"}, status=503)
    await api.ask("POST", "/metadata/profiles/extensions", EXTENSION, status=201)
    answer = await api.ask("POST", "/server/mode", {"mode": "Production"})
    assert answer == {"server changed": "production"}
    await api.ask("POST", "/profiles", {"FirstName": "Ann"}, status=201)


@pytest.mark.parametrize("step", STEPS)
async def test_a_switch_that_was_killed_is_done_on_sqlite(api: Api, step: str) -> None:
    await survive(api, step, "running")


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
@pytest.mark.parametrize("step", (STEPS[0], STEPS[-1]))
async def test_a_switch_that_was_killed_is_done_on_postgresql(api: Api, step: str) -> None:
    await survive(api, step, "running")


@pytest.mark.long
@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("moment", ("running", "done"))
@pytest.mark.parametrize("step", STEPS)
async def test_every_moment_of_a_switch_is_survived(api: Api, step: str, moment: str) -> None:
    await survive(api, step, moment)
