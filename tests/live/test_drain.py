"""A1 to A3: a reset that waits for the last call cuts none, whatever is offered meanwhile."""

import pytest
from tests.live.api import Json, moved, progress, step
from tests.live.estate import Estate
from tests.live.probe import Probe
from tests.live.sipp import Sipp, Tally
from tests.live.times import seconds_between

WHEN_IDLE = {"gracefulTimeout": 1}

RESTARTED_WITHIN = 10.0
"""Seconds from the look that found no call to the new engine; how fast it really is, `make bench` shows."""


async def reset_while_offered(estate: Estate, up: Sipp, offered: Sipp) -> tuple[Json, list[Tally], dict[str, float]]:
    """Reset by the vendor's API while calls are up and more are offered; the operation, the tallies, the numbers."""
    before = await estate.api.element()
    async with estate.api.events() as heard, Probe.of(estate.sbc) as probe:
        started = await estate.api.reset(WHEN_IDLE)
        await heard.when(progress(started))
        refused = await probe.until_admitted()
        operation = await estate.api.settled(started)
        looks = [(event["at"], event["data"]["progress"]["calls_left"]) for event in heard.of("operation.progress")]
        restarted = await heard.when(moved(started, "restart the engine", "done"))
    after = await estate.api.element()
    assert refused > 0
    assert looks[0][1] > looks[-1][1] == 0
    seconds = seconds_between(next(at for at, left in looks if left == 0), restarted["at"])
    assert (operation["state"], operation["reason"]) == ("succeeded", None)
    assert after["pid"] not in (None, before["pid"])
    assert (after["administrative"], after["operational"]) == ("unlocked", "enabled")
    return operation, [await up.finished(), await offered.finished()], {"probes_refused": refused, "restart": seconds}


def assert_nothing_was_cut(up: Tally, offered: Tally) -> None:
    assert (up.answered, up.completed) == (up.offered, up.offered)
    assert (up.dropped, up.failed, up.forced) == (0, 0, 0)
    assert (offered.dropped, offered.failed, offered.forced) == (0, 0, 0)
    assert offered.refused == offered.offered - offered.answered
    assert offered.refused > 0


@pytest.mark.anyio
async def test_a_reset_cuts_none_of_100_calls(estate_on_either_store, show) -> None:
    estate: Estate = estate_on_either_store
    answerer = await estate.answerer()
    up = await estate.caller(calls=100, rate=100, hold=(3, 4, 5))
    await up.when(answered=100)
    offered = await estate.caller(calls=120, rate=20, hold=1)
    operation, (first, second), numbers = await reset_while_offered(estate, up, offered)
    assert_nothing_was_cut(first, second)
    drained = step(operation, "drain the calls")["progress"]
    assert (drained["calls_left"], drained["ended"]) == (0, 0)
    assert drained["refused"] > 0
    callee = await answerer.when(ended=first.completed + second.completed)
    assert (callee.answered, callee.failed) == (callee.ended, 0)
    show(up=first, offered=second, **numbers)


@pytest.mark.anyio
async def test_a_reset_cuts_none_of_500_calls(estate, show) -> None:
    await estate.answerer()
    up = await estate.caller(calls=500, rate=250, hold=(4, 5, 6))
    await up.when(answered=500)
    offered = await estate.caller(calls=320, rate=40, hold=1)
    _, (first, second), numbers = await reset_while_offered(estate, up, offered)
    assert_nothing_was_cut(first, second)
    assert numbers["restart"] < RESTARTED_WITHIN
    show(up=first, offered=second, **numbers)


@pytest.mark.anyio
@pytest.mark.long  # by chance SIPp's answerer loses its 180 and its first 200 together, and never answers again
async def test_a_reset_cuts_no_call_where_datagrams_are_lost(estate, show) -> None:
    await estate.answerer(lost=3)
    up = await estate.caller(calls=100, rate=50, hold=(4, 5, 6), lost=3)
    await up.when(answered=95)
    offered = await estate.caller(calls=140, rate=20, hold=2, lost=3)
    _, (first, second), numbers = await reset_while_offered(estate, up, offered)
    assert first.retransmissions + second.retransmissions > 0
    assert (first.dropped, first.failed, first.forced) == (0, 0, 0)
    assert first.answered + first.refused == first.offered
    assert (second.dropped, second.failed, second.forced) == (0, 0, 0)
    assert second.refused == second.offered - second.answered > 0
    show(up=first, offered=second, **numbers)


@pytest.mark.anyio
async def test_a_reset_waits_for_slow_answers_to_the_last_bye(estate, show) -> None:
    await estate.answerer(bye_delay=0.4)
    up = await estate.caller(calls=60, rate=60, hold=3)
    await up.when(answered=60)
    offered = await estate.caller(calls=100, rate=20, hold=1)
    _, (first, second), numbers = await reset_while_offered(estate, up, offered)
    assert_nothing_was_cut(first, second)
    assert first.retransmissions == 0
    show(up=first, offered=second, **numbers)
