"""Checks of the driver contract: admission, calls, counters."""

import pytest
from tests.contracts.driver_harness import Answer, Harness, started, wait_quiet

from busyout.domain.errors import NoSuchCall
from busyout.domain.traffic import Load


async def the_first_call_after_admit_sees_the_new_state(harness: Harness) -> None:
    driver = await started(harness)
    for turn in range(10):
        await driver.admit(False, retry_after=5 + turn)
        assert await harness.offer() == Answer(503, 5 + turn)
        await driver.admit(True, retry_after=5)
        assert (await harness.offer()).status == 200


async def admit_twice_is_admit_once(harness: Harness) -> None:
    driver = await started(harness)
    for _ in range(2):
        await driver.admit(False, retry_after=9)
        assert not (await driver.info()).admitting
    assert await harness.offer() == Answer(503, 9)
    for _ in range(2):
        await driver.admit(True, retry_after=9)
        assert (await driver.info()).admitting
    assert (await harness.offer()).status == 200


async def calls_in_progress_outlast_a_closed_admission(harness: Harness) -> None:
    driver = await started(harness)
    call = await harness.place()
    await driver.admit(False, retry_after=1)
    assert (await harness.offer()).status == 503
    assert (await driver.load()).calls == 1
    assert await harness.hang_up(call)
    await wait_quiet(harness, driver)


async def load_counts_the_calls(harness: Harness) -> None:
    driver = await started(harness)
    assert (await driver.load()).quiet
    calls = [await harness.place() for _ in range(3)]
    load = await driver.load()
    assert (load.calls, load.setups) == (3, 0)
    assert not load.quiet
    for left, call in zip((2, 1, 0), calls, strict=True):
        assert await harness.hang_up(call)

        async def fewer(left: int = left) -> bool:
            return (await driver.load()).calls == left

        await harness.wait(fewer)
    await wait_quiet(harness, driver)


async def a_ringing_call_is_in_progress_and_outlasts_a_closed_admission(harness: Harness) -> None:
    driver = await started(harness)
    call = await harness.ring()
    load = await driver.load()
    assert (load.calls, load.setups) == (0, 1)
    assert load.transactions is None or load.transactions >= 1
    assert [(up.id, up.state) for up in await driver.calls()] == [(call, "setup")]
    await driver.admit(False, retry_after=1)
    assert not (await driver.load()).quiet
    assert await harness.pick_up(call)
    load = await driver.load()
    assert (load.calls, load.setups) == (1, 0)
    assert await harness.hang_up(call)
    await wait_quiet(harness, driver)


async def a_ringing_call_is_ended_too(harness: Harness) -> None:
    driver = await started(harness)
    call = await harness.ring()
    ended = await driver.end(None)
    assert (ended.asked, ended.ended, ended.failed) == (1, 1, 0)
    assert await harness.both_told(call)
    await wait_quiet(harness, driver)


async def calls_come_in_pages_oldest_first(harness: Harness) -> None:
    driver = await started(harness)
    placed = [await harness.place() for _ in range(5)]
    calls = await driver.calls()
    assert [call.id for call in calls] == placed
    assert [call.since for call in calls] == sorted(call.since for call in calls)
    assert {call.state for call in calls} == {"established"}
    assert {call.trunk for call in calls} == {"first"}
    assert all(call.caller and call.callee for call in calls)
    paged, after = [], None
    while page := await driver.calls(limit=2, after=after):
        assert len(page) <= 2
        paged.extend(page)
        after = page[-1].id
    assert tuple(paged) == calls


async def one_call_is_ended_and_the_others_stay(harness: Harness) -> None:
    driver = await started(harness)
    unlucky, lucky = await harness.place(), await harness.place()
    ended = await driver.end([unlucky])
    assert (ended.asked, ended.ended, ended.failed) == (1, 1, 0)
    assert await harness.both_told(unlucky)

    async def one_left() -> bool:
        return await driver.load() == Load(1, 0, 0, capacity=(await driver.load()).capacity)

    await harness.wait(one_left)
    assert [call.id for call in await driver.calls()] == [lucky]
    assert await harness.hang_up(lucky)


async def a_call_that_is_not_there_cannot_be_ended(harness: Harness) -> None:
    driver = await started(harness)
    call = await harness.place()
    with pytest.raises(NoSuchCall):
        await driver.end(["no such call"])
    several = await driver.end(["no such call", "nor this one"])
    assert several.ended == 0
    assert await harness.hang_up(call)
    await wait_quiet(harness, driver)
    with pytest.raises(NoSuchCall):
        await driver.end([call])


async def all_calls_are_ended_at_once(harness: Harness) -> None:
    driver = await started(harness)
    calls = [await harness.place() for _ in range(4)]
    ended = await driver.end(None)
    assert (ended.asked, ended.ended, ended.failed) == (4, 4, 0)
    for call in calls:
        assert await harness.both_told(call)
    await wait_quiet(harness, driver)
    assert (await driver.end(None)).ended == 0


async def counters_only_grow(harness: Harness) -> None:
    driver = await started(harness)
    before = await driver.counters()
    assert before.epoch == (await driver.info()).epoch
    kept, ended = await harness.place(), await harness.place()
    await driver.end([ended])
    await harness.hang_up(kept)
    await wait_quiet(harness, driver)
    await driver.admit(False, retry_after=1)
    await harness.offer()
    after = await driver.counters()
    assert after.epoch == before.epoch
    assert after.taken_at >= before.taken_at
    grown = {name: after.values[name] - before.values[name] for name in before.values}
    assert all(growth >= 0 for growth in grown.values())
    for name, growth in {
        "offered": 3,
        "admitted": 2,
        "answered": 2,
        "refused_draining": 1,
        "completed": 1,
        "ended_by_us": 1,
    }.items():
        assert grown[name] == growth, name
