"""A8 and A10: calls outlive the engine's process, and the counts are right."""

import os
import signal

import pytest
from tests.live.api import Json
from tests.live.estate import Estate

from busyout.domain.engine import Capability
from busyout.drivers.proxy.driver import CAPABILITIES


async def all_gone(estate: Estate) -> Json:
    """The SBC when nothing is in progress in it any more."""
    idle = {"calls": 0, "setups": 0, "transactions": 0}
    return await estate.api.element_when(lambda sbc: bool(sbc["load"]) and sbc["load"] | idle == sbc["load"])


@pytest.mark.anyio
async def test_calls_in_progress_outlive_an_engine_that_is_killed(estate, show) -> None:
    answerer = await estate.answerer()
    caller = await estate.caller(calls=200, rate=100, hold=(5, 6, 7))
    await caller.when(answered=200)
    before = await estate.api.element()
    os.kill(before["pid"], signal.SIGKILL)
    after = await estate.api.element_when(lambda sbc: sbc["pid"] not in (None, before["pid"]))
    tally = await caller.finished()
    assert (tally.offered, tally.answered, tally.completed) == (200, 200, 200)
    assert (tally.dropped, tally.failed, tally.forced) == (0, 0, 0)
    callee = await answerer.when(ended=200)
    assert (callee.answered, callee.ended, callee.failed) == (200, 200, 0)
    assert (after["administrative"], after["operational"]) == ("unlocked", "enabled")
    show(calls=tally)


@pytest.mark.long
@pytest.mark.anyio
async def test_calls_that_are_offered_while_no_engine_runs_are_carried_too(estate, show) -> None:
    """A call whose set-up is in the engine at the very moment is lost now and then; on a busy machine more often."""
    await estate.answerer()
    caller = await estate.caller(calls=200, rate=50, hold=(2, 3, 4))
    await caller.when(answered=100)
    before = await estate.api.element()
    os.kill(before["pid"], signal.SIGKILL)
    await estate.api.element_when(lambda sbc: sbc["pid"] not in (None, before["pid"]))
    tally = await caller.finished()
    assert (tally.offered, tally.answered, tally.completed) == (200, 200, 200)
    assert (tally.dropped, tally.failed, tally.forced) == (0, 0, 0)
    show(calls=tally)


@pytest.mark.anyio
async def test_a_new_process_takes_over_the_calls_and_the_counts(estate, show) -> None:
    await estate.answerer()
    up = await estate.caller(calls=200, rate=200, hold=7)
    await up.when(answered=200)
    passing = await estate.caller(calls=200, rate=50, hold=2)
    await passing.when(answered=50)
    before = await estate.api.element()
    operation = await estate.api.settled(await estate.api.command(type="take_over"))
    assert (operation["state"], operation["reason"]) == ("succeeded", None)
    after = await estate.api.element()
    assert after["pid"] not in (None, before["pid"])
    assert after["load"]["calls"] >= 200
    tallies = [await up.finished(), await passing.finished()]
    for tally in tallies:
        assert (tally.answered, tally.completed, tally.failed, tally.retransmissions) == (200, 200, 0, 0)
    await all_gone(estate)
    counters = await estate.api.counters()
    assert [counters[name] for name in ("offered", "admitted", "answered", "completed")] == [400] * 4
    assert counters["failed"] == 0
    show(up=tallies[0], passing=tallies[1])


@pytest.mark.anyio
async def test_20_calls_are_counted_up_and_down(estate, show) -> None:
    await estate.answerer()
    caller = await estate.caller(calls=20, rate=20, hold=4)
    most = await estate.api.element_when(lambda sbc: bool(sbc["load"]) and sbc["load"]["calls"] == 20)
    assert (most["usage"], most["load"]["setups"]) == ("active", 0)
    listed = (await estate.api.get("/v1/elements/sbc/calls"))["items"]
    assert len({call["id"] for call in listed}) == 20
    assert {(call["state"], call["trunk"]) for call in listed} == {("established", "carrier")}
    tally = await caller.finished()
    idle = await all_gone(estate)
    assert idle["usage"] == "idle"
    counters = await estate.api.counters()
    assert [counters[name] for name in ("offered", "admitted", "answered", "completed")] == [20] * 4
    assert (tally.completed, tally.failed) == (20, 0)
    assert (await estate.api.get("/v1/elements/sbc/calls"))["items"] == []
    show(calls=tally)


@pytest.mark.anyio
@pytest.mark.skipif(Capability.MEDIA_COUNTERS not in CAPABILITIES, reason="the embedded engine relays no media")
async def test_20_calls_with_rtp_are_counted_packet_by_packet(estate) -> None:
    assert {"media_received", "media_relayed"} <= (await estate.api.counters()).keys()
