"""A4: calls that are left at the deadline are ended towards both sides, counted and named."""

import pytest
from tests.live.api import Json, step
from tests.live.estate import Estate
from tests.live.sipp import Sipp, Tally
from tests.live.times import seconds_between

TO_BE_ENDED = 15.0
"""Seconds after the deadline in which calls are ended and the drain is over, on any machine."""


async def assert_all_were_ended(drained: Json, named: set[str], up: Sipp, answerer: Sipp) -> dict[str, Tally]:
    """Both sides of every call have seen a BYE, and the operation names them."""
    caller = await up.finished()
    count = len(named)
    callee = await answerer.when(ended=count)
    assert (caller.answered, caller.forced, caller.completed, caller.failed) == (count, count, 0, 0)
    assert (callee.answered, callee.ended, callee.failed) == (count, count, 0)
    assert (drained["ended"], set(drained["ended_calls"])) == (count, named)
    assert drained["calls_left"] == 0
    return {"caller": caller, "answerer": callee}


async def calls_up(estate: Estate) -> set[str]:
    """Ids of the calls in progress."""
    return {call["id"] for call in (await estate.api.get("/v1/elements/sbc/calls?limit=1000"))["items"]}


@pytest.mark.anyio
async def test_100_calls_are_ended_at_the_deadline_of_a_drain(estate, show) -> None:
    answerer = await estate.answerer()
    up = await estate.caller(calls=100, rate=100, hold=40)
    await up.when(answered=100)
    named = await calls_up(estate)
    started = await estate.api.command(type="drain", policy={"type": "within", "seconds": 3})
    operation = await estate.api.settled(started)
    assert (operation["state"], operation["reason"]) == ("succeeded", None)
    drained = step(operation, "drain the calls")
    took = seconds_between(drained["started_at"], drained["ended_at"])
    assert 3 <= took < 3 + TO_BE_ENDED
    assert (await estate.api.element())["administrative"] == "locked"
    show(took=took, **await assert_all_were_ended(drained["progress"], named, up, answerer))


@pytest.mark.anyio
async def test_a_reset_with_a_deadline_ends_what_is_left_and_names_it(estate_on_either_store, show) -> None:
    estate: Estate = estate_on_either_store
    answerer = await estate.answerer()
    up = await estate.caller(calls=20, rate=20, hold=30)
    await up.when(answered=20)
    before, named = await estate.api.element(), await calls_up(estate)
    operation = await estate.api.settled(await estate.api.reset({"gracefulTimeout": 5}))
    assert (operation["state"], operation["reason"]) == ("succeeded", None)
    drained = step(operation, "drain the calls")
    took = seconds_between(drained["started_at"], drained["ended_at"])
    assert 5 <= took < 5 + TO_BE_ENDED
    after = await estate.api.element()
    assert after["pid"] not in (None, before["pid"])
    assert after["administrative"] == "unlocked"
    show(took=took, **await assert_all_were_ended(drained["progress"], named, up, answerer))
