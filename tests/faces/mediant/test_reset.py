"""What a reset, a save and the status mean, on the real server with a simulated engine."""

from typing import Any

import pytest
from msgspec.structs import replace
from tests.world import World

from busyout.domain.commands import Commit, Configure, Drain, Restart
from busyout.domain.configuration.datastore import Datastore
from busyout.domain.configuration.tables import DialPlanRule, Tables
from busyout.domain.drain import Immediately, UntilIdle, Within
from busyout.domain.operation import Operation
from busyout.domain.page import OperationQuery
from busyout.drivers.simulated.faults import Fault

pytestmark = pytest.mark.anyio

RESET = "/api/v1/actions/reset"
SAVE = "/api/v1/actions/saveConfiguration"
STATUS = "/api/v1/status"

RESTARTS = {
    b"": Restart(policy=Immediately(), save=True),
    b" \r\n": Restart(policy=Immediately(), save=True),
    b"{}": Restart(policy=Immediately(), save=True),
    b'{"gracefulTimeout": 0}': Restart(policy=Immediately(), save=True),
    b'{"gracefulTimeout": 1}': Restart(policy=UntilIdle(), save=True),
    b'{"gracefulTimeout": 1.0}': Restart(policy=UntilIdle(), save=True),
    b'{"gracefulTimeout": 2}': Restart(policy=Within(2.0), save=True),
    b'{"gracefulTimeout": 600, "saveConfiguration": false}': Restart(policy=Within(600.0), save=False),
}
"""What each body asks for."""


async def newest(world: World) -> Operation:
    [found] = await world.services.operations.page(OperationQuery(limit=1))
    return found


async def status(world: World) -> Any:
    return (await world.client.get(STATUS)).json()


async def test_a_reset_becomes_the_restart_that_it_asks_for(world: World) -> None:
    for body, command in RESTARTS.items():
        assert (await world.client.post(RESET, data=body)).status == 200, body
        operation = await newest(world)
        assert (operation.command, operation.actor, operation.face) == (command, "admin", "mediant"), body
        await world.settled(operation.id)


async def test_the_content_type_of_a_json_body_does_not_matter(world: World) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/octet-stream", "nonsense"):
        answer = await world.client.post(RESET, data=b'{"gracefulTimeout": -1}', headers={"Content-Type": kind})
        assert (answer.status, "gracefulTimeout" in answer.text) == (400, True), kind


async def test_a_graceful_reset_answers_at_once_and_waits_for_the_calls(world: World) -> None:
    world.sbc.call(seconds=20)
    assert (await world.client.post(RESET, json={"gracefulTimeout": 1})).status == 200
    await world.clock.run_until(lambda: not world.sbc.admitting)
    assert (await status(world))["operationalState"] == "SHUTTING_DOWN"
    assert world.sbc.restarts == 0
    await world.settled((await newest(world)).id)
    assert world.sbc.restarts == 1
    assert (await status(world))["operationalState"] == "UNLOCKED"


async def test_a_drained_device_is_locked(world: World) -> None:
    await world.done(Drain())
    assert (await status(world))["operationalState"] == "LOCKED"


async def test_unsaved_changes_show_until_they_are_saved(world: World) -> None:
    assert (await status(world))["saveNeeded"] is False
    running = (await world.services.configuration.read("sbc", Datastore.RUNNING)).tables
    await world.done(Configure(with_rule(running)))
    assert (await status(world))["saveNeeded"] is True
    assert (await world.client.post(SAVE)).status == 200
    await world.services.inventory.look("sbc")
    assert (await status(world))["saveNeeded"] is False


async def test_a_save_ignores_whatever_body_it_is_sent(world: World) -> None:
    for body in (b"{}", b"a=b", b"\xff\x00", b"[" * 1000):
        assert (await world.client.post(SAVE, data=body)).status == 200
    assert (await newest(world)).command == Commit()


async def test_a_save_during_a_reset_is_a_conflict(world: World) -> None:
    world.sbc.call(seconds=60)
    await world.client.post(RESET, json={"gracefulTimeout": 1})
    answer = await world.client.post(SAVE)
    assert (answer.status, list(answer.json())) == (409, ["description"])


async def test_a_device_that_does_not_answer_is_starting(world: World) -> None:
    world.sbc.fault(Fault.REFUSES, "start")
    world.sbc.die()
    await world.clock.run_until(lambda: world.status.load is None)
    for path in ("/api", "/api/v1", STATUS):
        answer = await world.client.get(path)
        assert (answer.status, answer.headers["retry-after"], list(answer.json())) == (503, "2", ["description"])


async def test_the_uptime_counts_hundredths_of_a_second_from_the_restart(world: World) -> None:
    before = (await status(world))["systemUpTime"]
    await world.clock.advance(10)
    assert 1000 <= (await status(world))["systemUpTime"] - before <= 1001


async def test_the_additions_are_of_the_types_that_later_devices_send(world: World) -> None:
    shown = await status(world)
    assert len(shown["serialNumber"]) == 15
    assert len(bytes.fromhex(shown["macAddress"])) == 6
    assert (shown["resetNeeded"], shown["upgradeStatus"]) == (False, "None")


def with_rule(tables: Tables) -> Tables:
    return replace(tables, dial_plan=(DialPlanRule(0, "plan", "49", "germany"),))
