"""The server dies or ends in the middle of a drain: the engine goes on, the next server with the same operation."""

import os
import signal

import pytest
from tests.live.api import progress, step
from tests.live.estate import Estate
from tests.live.probe import Probe
from tests.live.server import alive
from tests.live.times import seconds_between

from busyout.drivers.proxy.agent import Outcome

DRAIN = "drain the calls"


@pytest.mark.anyio
async def test_a_reset_goes_on_after_the_server_was_killed(estate_on_either_store, show) -> None:
    estate: Estate = estate_on_either_store
    await estate.answerer()
    up = await estate.caller(calls=60, rate=60, hold=(5, 6, 8))
    await up.when(answered=60)
    before = await estate.api.element()
    async with Probe.of(estate.sbc) as probe:
        async with estate.api.events() as heard:
            started = await estate.api.reset({"gracefulTimeout": 1})
            await heard.when(progress(started))
        begun = await estate.api.operation(started)
        await estate.server.kill()
        assert await probe.offer() is Outcome.REFUSED
        ready = await estate.server.start()
        resumed = await estate.api.operation(started)
        assert (resumed["id"], resumed["state"]) == (started["id"], "running")
        assert step(resumed, DRAIN)["started_at"] == step(begun, DRAIN)["started_at"]
        refused = await probe.until_admitted()
    operation = await estate.api.settled(started)
    assert (operation["state"], operation["reason"]) == ("succeeded", None)
    assert step(operation, DRAIN)["started_at"] == step(begun, DRAIN)["started_at"]
    after = await estate.api.element()
    assert after["pid"] not in (None, before["pid"])
    assert after["administrative"] == "unlocked"
    tally = await up.finished()
    assert (tally.answered, tally.completed, tally.dropped, tally.failed) == (60, 60, 0, 0)
    show(ready=round(ready, 2), probes_refused=refused, calls=tally)


@pytest.mark.anyio
async def test_a_reset_goes_on_after_the_server_was_ended_in_good_order(estate, show) -> None:
    estate.server.stop_engines = False
    await estate.server.end()
    await estate.server.start()
    await estate.answerer()
    up = await estate.caller(calls=20, rate=20, hold=5)
    await up.when(answered=20)
    before = await estate.api.element()
    async with estate.api.events() as heard:
        started = await estate.api.reset({"gracefulTimeout": 1})
        await heard.when(progress(started))
        await estate.server.end()
    assert alive(before["pid"])
    await estate.server.start()
    operation = await estate.api.settled(started)
    assert (operation["state"], operation["reason"]) == ("succeeded", None)
    assert (await estate.api.element())["pid"] not in (None, before["pid"])
    tally = await up.finished()
    assert (tally.answered, tally.completed, tally.dropped, tally.failed) == (20, 20, 0, 0)
    show(calls=tally)


@pytest.mark.anyio
async def test_a_deadline_is_not_moved_by_the_death_of_the_server(estate, show) -> None:
    answerer = await estate.answerer()
    up = await estate.caller(calls=20, rate=20, hold=60)
    await up.when(answered=20)
    async with estate.api.events() as heard:
        started = await estate.api.command(type="drain", policy={"type": "within", "seconds": 5})
        await heard.when(progress(started))
    await estate.server.kill()
    await estate.server.start()
    async with estate.api.events() as heard:
        left = await heard.when(progress(started))
        since = step(await estate.api.operation(started), DRAIN)["started_at"]
        assert left["data"]["progress"]["deadline_in"] <= max(0.0, 5.2 - seconds_between(since, left["at"]))
    operation = await estate.api.settled(started)
    assert (operation["state"], step(operation, DRAIN)["progress"]["ended"]) == ("succeeded", 20)
    caller, callee = await up.finished(), await answerer.when(ended=20)
    assert (caller.forced, callee.ended, caller.failed, callee.failed) == (20, 20, 0, 0)
    show(took=seconds_between(since, step(operation, DRAIN)["ended_at"]), calls=caller)


@pytest.mark.anyio
async def test_calls_and_the_reset_outlive_the_server_and_the_engine_together(estate, show) -> None:
    answerer = await estate.answerer()
    up = await estate.caller(calls=40, rate=40, hold=(6, 7, 8))
    await up.when(answered=40)
    before = await estate.api.element()
    async with estate.api.events() as heard:
        started = await estate.api.reset({"gracefulTimeout": 1})
        await heard.when(progress(started))
    await estate.server.kill()
    os.kill(before["pid"], signal.SIGKILL)
    await estate.server.start()
    operation = await estate.api.settled(started)
    assert (operation["state"], operation["reason"]) == ("succeeded", None)
    async with Probe.of(estate.sbc) as probe:
        assert await probe.offer() is Outcome.COMPLETED
    tally, callee = await up.finished(), await answerer.when(ended=41)
    assert (tally.answered, tally.completed, tally.dropped, tally.failed) == (40, 40, 0, 0)
    assert (callee.ended, callee.failed) == (41, 0)
    show(calls=tally)
