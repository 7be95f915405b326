"""The server is killed in each step of each activity: the same operation ends well, and its effect happens once."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.crash.cases import ACTIVITIES, ALL, FIRST, LAST, RULE, SHORT, Activity, Case, Effects
from tests.crash.moments import Scene
from tests.live.api import Json
from tests.live.estate import Estate

from busyout.drivers.proxy.agent import Caller, Outcome

KEY = "once"

CALL_SECONDS = 3.0
"""How long a call is that is up throughout."""


async def prepare(estate: Estate, activity: Activity) -> Json:
    """Bring the SBC into the state that an activity begins with; the command, complete."""
    running = await estate.api.get("/v1/elements/sbc/configuration/running")
    tables = {**running, "dial_plan": [RULE]}
    first = ({"type": "configure", "tables": tables},) if activity.changed else ()
    for command in (*first, *activity.before):
        settled = await estate.api.settled(await estate.api.command(**command))
        assert settled["state"] == "succeeded", settled
    return {**activity.command, "tables": tables} if activity.command["type"] == "configure" else activity.command


def starts(estate: Estate) -> int:
    """How often an engine of the SBC has come up."""
    log = estate.server.data / "engines" / "sbc" / "engine.log"
    return sum(json.loads(line)["event"] == "started" for line in log.read_text("utf-8").splitlines())


@asynccontextmanager
async def call_up(estate: Estate, *, wanted: bool) -> AsyncIterator[None]:
    """A call that is up at the beginning of the block and must have ended properly after it."""
    caller = await Caller.open(estate.sbc)
    call = asyncio.create_task(caller.call(CALL_SECONDS)) if wanted else None
    try:
        if wanted:
            await estate.api.element_when(lambda sbc: bool(sbc["load"]) and sbc["load"]["calls"] == 1)
        yield
        if call is not None:
            assert await call is Outcome.COMPLETED
    finally:
        await caller.close()


async def kill_at(estate: Estate, case: Case, command: Json) -> Json:
    """Start a command, and kill the server at its moment; the operation as it was acknowledged."""
    engine = (await estate.api.element())["pid"]
    async with estate.api.events() as heard:
        if case.frozen:
            os.kill(engine, signal.SIGSTOP)
        operation = await estate.api.command(key=KEY, **command)
        await case.moment(Scene(estate.api, heard, operation, case.step, engine))
        await estate.server.kill()
    try:
        os.kill(engine, signal.SIGCONT)
    except ProcessLookupError:
        return operation  # it was frozen in no case, or has ended
    return operation


async def effects(estate: Estate, operation: Json, since: int, started: int) -> Effects:
    """What was done since the event of id `since`, when `started` engines had come up."""
    async with estate.api.events(after=since) as heard:
        await heard.when(lambda e: e["type"] == "operation.settled" and e["operation"] == operation["id"])
    ids = [event["id"] for event in heard.heard if event["id"]]
    assert ids == list(range(since + 1, since + 1 + len(ids)))
    stores = [event["data"]["datastore"] for event in heard.of("element.configuration")]
    sbc = await estate.api.element_when(lambda sbc: sbc["operational"] == "enabled")
    return Effects(
        starts=starts(estate) - started,
        running=stores.count("running"),
        startup=stores.count("startup"),
        administrative=sbc["administrative"],
        unsaved=sbc["save_needed"],
    )


async def newest_event(estate: Estate) -> int:
    """Id of the last event that is stored."""
    async with estate.api.events(after=0) as heard:
        operations = await estate.api.get("/v1/operations?element=sbc&limit=1")
        last = operations["items"][0]["id"] if operations["items"] else ""
        fits = "operation.settled" if last else "element.added"
        await heard.when(lambda event: event["type"] == fits and event["operation"] == last)
    return max(event["id"] for event in heard.heard)


async def assert_trail_is_whole(estate: Estate, operation: Json) -> None:
    """The audit trail holds, and the operation was acknowledged once."""
    verdict = await estate.api.get("/v1/audit/verification")
    assert (verdict["intact"], verdict["first_broken"]) == (True, None)
    entries = (await estate.api.get("/v1/audit?limit=1000"))["items"]
    assert verdict["entries"] == len(entries)
    asked = [entry for entry in entries if entry["action"] == "operation.start"]
    assert asked[-1]["after"]["type"] == operation["command"]["type"]


async def survive(estate: Estate, case: Case) -> None:
    """Kill the server at a moment, start it again, and see the operation end well."""
    activity = ACTIVITIES[case.activity]
    command = await prepare(estate, activity)
    since, started = await newest_event(estate), starts(estate)
    async with call_up(estate, wanted=activity.call):
        acknowledged = await kill_at(estate, case, command)
        await estate.server.start()
        assert (await estate.api.command(key=KEY, **command))["id"] == acknowledged["id"]
        operation = await estate.api.settled(acknowledged)
    assert (operation["state"], operation["reason"]) == ("succeeded", None)
    assert {step["state"] for step in operation["steps"]} == {"done"}
    assert await effects(estate, operation, since, started) == activity.effects
    await assert_trail_is_whole(estate, operation)


@pytest.mark.anyio
@pytest.mark.parametrize("case", SHORT, ids=str)
async def test_a_step_killed_on_sqlite_is_done_once(estate: Estate, case: Case) -> None:
    await survive(estate, case)


@pytest.mark.anyio
@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
@pytest.mark.parametrize("case", (FIRST, LAST), ids=str)
async def test_a_step_killed_on_postgresql_is_done_once(estate: Estate, case: Case) -> None:
    await survive(estate, case)


@pytest.mark.anyio
@pytest.mark.long
@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("case", ALL, ids=str)
@pytest.mark.parametrize("again", range(2))
async def test_every_moment_of_every_step_is_survived(estate: Estate, case: Case, again: int) -> None:
    del again  # what a step has done by the moment at which it is killed differs from time to time
    await survive(estate, case)
