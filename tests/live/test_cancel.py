"""A5: a drain that is cancelled lets calls in again at once and has cut none."""

import pytest
from tests.live.api import Json, progress
from tests.live.estate import Estate
from tests.live.probe import Probe

from busyout.drivers.proxy.agent import Outcome

TOGGLES = 25
"""Drains that are cancelled again: twice as many changes of admission."""


async def cancel(estate: Estate, operation: Json) -> None:
    """Cancel a drain and wait until it is undone."""
    await estate.api.ask("POST", f"/v1/operations/{operation['id']}/cancel", status=202)
    settled = await estate.api.settled(operation)
    assert settled["state"] == "cancelled"
    assert [step["state"] for step in settled["steps"]] == ["undone"]


@pytest.mark.anyio
async def test_a_cancelled_drain_admits_calls_again(estate, show) -> None:
    await estate.answerer()
    caller = await estate.caller(calls=200, rate=30, hold=4)
    await caller.when(answered=60)
    async with estate.api.events() as heard:
        operation = await estate.api.command(type="drain")
        refused = await heard.when(lambda e: progress(operation)(e) and e["data"]["progress"]["refused"] >= 45)
        await cancel(estate, operation)
    tally = await caller.finished()
    assert tally.refused >= refused["data"]["progress"]["refused"]
    assert (tally.dropped, tally.failed, tally.forced) == (0, 0, 0)
    assert tally.answered == tally.completed == tally.offered - tally.refused
    counters = await estate.api.counters()
    assert (counters["answered"], counters["refused_draining"]) == (tally.answered, tally.refused)
    show(calls=tally)


@pytest.mark.anyio
async def test_each_change_of_admission_holds_for_the_very_next_call(estate, show) -> None:
    await estate.answerer()
    held = await estate.caller(calls=1, rate=1, hold=20)
    await held.when(answered=1)
    seen = []
    async with estate.api.events() as heard, Probe.of(estate.sbc) as probe:
        for _ in range(TOGGLES):
            operation = await estate.api.command(type="drain")
            await heard.when(progress(operation))
            seen.append(await probe.offer())
            await cancel(estate, operation)
            seen.append(await probe.offer())
    assert seen == [Outcome.REFUSED, Outcome.COMPLETED] * TOGGLES
    show(toggles=2 * TOGGLES, wrong=0)
