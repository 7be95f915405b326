"""The manual clock itself."""

import asyncio

import pytest
from tests.clock import START, ManualClock

pytestmark = pytest.mark.anyio


async def test_time_stands_still_until_it_is_advanced():
    clock = ManualClock()
    assert clock.now() == START
    await clock.advance(2.5)
    assert clock.now() == START + 2.5


async def test_sleepers_wake_in_the_order_of_their_time_and_see_that_time():
    clock = ManualClock()
    seen = []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        seen.append((seconds, clock.now() - START))

    async with asyncio.TaskGroup() as group:
        for seconds in (3.0, 1.0, 2.0):
            group.create_task(sleeper(seconds))
        await clock.advance(10)
    assert seen == [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]


async def test_a_loop_that_sleeps_runs_once_per_period():
    clock = ManualClock()
    ticks = []

    async def ticker() -> None:
        while len(ticks) < 100:
            await clock.sleep(0.5)
            ticks.append(clock.now())

    task = asyncio.create_task(ticker())
    await clock.advance(10)
    assert ticks == [START + 0.5 * (number + 1) for number in range(20)]
    task.cancel()


async def test_time_does_not_go_on_while_a_woken_task_works_in_a_thread():
    clock = ManualClock()
    finished_at = []

    async def worker() -> None:
        for _ in range(20):
            await clock.sleep(1)
            before = clock.now()
            for _ in range(5):
                await asyncio.to_thread(sum, range(20_000))
            finished_at.append(clock.now() - before)

    task = asyncio.create_task(worker())
    await clock.advance(20)
    assert finished_at == [0.0] * 20
    await task


async def test_a_watched_task_counts_before_its_first_sleep():
    clock = ManualClock()
    done_at = []

    async def worker() -> None:
        await asyncio.to_thread(sum, range(20_000))
        done_at.append(clock.now())
        await clock.sleep(1)
        done_at.append(clock.now())

    task = asyncio.create_task(worker())
    clock.watch(task)
    await clock.advance(5)
    assert done_at == [START, START + 1]
    await task


async def test_those_who_wait_for_a_sleeper_run_before_time_goes_on():
    clock = ManualClock()
    woken = asyncio.Event()
    seen = []

    async def sleeper() -> None:
        await clock.sleep(1)
        woken.set()
        await clock.sleep(5)

    async def listener() -> None:
        await woken.wait()
        seen.append(clock.now())

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper())
        group.create_task(listener())
        await clock.advance(6)
    assert seen == [START + 1]


async def test_run_until_stops_at_the_moment_the_condition_holds():
    clock = ManualClock()
    ticks = []

    async def ticker() -> None:
        while True:
            await clock.sleep(1)
            ticks.append(clock.now())

    task = asyncio.create_task(ticker())
    await clock.run_until(lambda: len(ticks) == 7)
    assert clock.now() == START + 7
    with pytest.raises(TimeoutError, match="simulated seconds"):
        await clock.run_until(lambda: False, within=5)
    task.cancel()


async def test_finish_lets_time_pass_for_a_result():
    clock = ManualClock()

    async def slow() -> str:
        await clock.sleep(30)
        return "done"

    assert await clock.finish(slow()) == "done"
    assert clock.now() == START + 30


async def test_a_cancelled_sleeper_is_forgotten():
    clock = ManualClock()
    task = asyncio.create_task(clock.sleep(5))
    await clock.advance(1)
    task.cancel()
    await clock.advance(1)
    assert clock.next_due is None
    assert task.cancelled()


async def test_a_task_that_waits_for_a_sleeper_it_created_is_excused_once():
    clock = ManualClock()
    seen = []

    async def parent() -> None:
        await clock.sleep(1)
        async with asyncio.TaskGroup() as group:
            group.create_task(clock.sleep(5))
            group.create_task(asyncio.to_thread(sum, range(1000)))
        seen.append(clock.now() - START)
        group_of_one = asyncio.create_task(clock.sleep(50))
        await clock.sleep(1)
        await asyncio.to_thread(sum, range(20_000))
        seen.append(clock.now() - START)
        group_of_one.cancel()

    task = asyncio.create_task(parent())
    await clock.advance(30)
    assert seen == [6.0, 7.0]
    await task


async def test_a_task_that_neither_sleeps_nor_ends_is_named():
    clock = ManualClock(patience=0.2)
    never = asyncio.Event()

    async def stuck() -> None:
        await clock.sleep(1)
        await never.wait()

    task = asyncio.create_task(stuck(), name="the stuck one")
    await asyncio.sleep(0)
    with pytest.raises(TimeoutError, match=r"the stuck one at .*stuck"):
        await clock.advance(2)
    task.cancel()
