"""A switch of the mode on the native face: started, followed live, extended, cancelled."""

from typing import Any

import msgspec
import pytest
from tests.faces.ucs.office import Office
from tests.world import World

from busyout.domain.mode import RequestClass

pytestmark = pytest.mark.anyio

OPERATIONS = "/v1/elements/context/operations"
SWITCH = {"type": "switch_mode", "mode": "maintenance"}


async def started(world: World) -> str:
    """Id of a switch that waits for somebody."""
    answer = await world.client.post(OPERATIONS, json=SWITCH)
    assert answer.status == 202, answer.text
    await world.clock.run_until(lambda: world.services.gate.switching)
    return str(answer.json()["id"])


async def read(world: World, operation: str) -> Any:
    """The operation as it is told."""
    return (await world.client.get(f"/v1/operations/{operation}")).json()


async def test_a_switch_is_an_operation_like_every_other(empty: Office, ucs: World) -> None:
    with ucs.services.gate.enter(RequestClass.DATA):
        operation = await started(ucs)

        async def waits() -> bool:
            told = await read(ucs, operation)
            return any(step["progress"] for step in told["steps"])

        await ucs.clock.run_until(waits, within=1.0)
        told = await read(ucs, operation)
        [progress] = [step["progress"] for step in told["steps"] if step["progress"]]
        assert progress["waiting_for"].startswith("1 request to end")
        extended = await ucs.client.post(f"/v1/operations/{operation}/extend", json={"seconds": 100})
        assert extended.status == 202, extended.text
        await ucs.clock.advance(120)
        assert ucs.services.gate.switching
    assert (await ucs.settled(operation)).state.value == "succeeded"
    assert await empty.mode() == "maintenance"


async def test_a_switch_is_cancelled_and_the_mode_stays(empty: Office, ucs: World) -> None:
    with ucs.services.gate.enter(RequestClass.DATA):
        operation = await started(ucs)
        assert (await ucs.client.post(f"/v1/operations/{operation}/cancel")).status == 202
        assert (await ucs.settled(operation)).state.value == "cancelled"
        assert await empty.mode() == "production"


async def test_a_switch_is_followed_live(empty: Office, ucs: World) -> None:
    session = await ucs.client.session()
    async with session.get("/v1/events") as stream:
        await empty.switch("maintenance")
        types = []
        async for line in stream.content:
            if line.startswith(b"data:"):
                event = msgspec.json.decode(line.removeprefix(b"data:"))
                types.append(event["type"])
                if event["type"] == "operation.settled":
                    break
    assert types[0] == "operation.started"
    assert "operation.step" in types
