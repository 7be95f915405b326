"""Checks of the driver contract: start, stop, crash, take-over."""

import pytest
from msgspec.structs import replace
from tests.contracts.driver_harness import Answer, Harness, setup_of, started, wait_quiet

from busyout.domain.configuration.tables import Route, digest
from busyout.domain.engine import Capability, EngineSetup
from busyout.domain.errors import EngineGone, InvalidConfiguration, NotSupported


async def an_engine_that_was_never_started_is_gone(harness: Harness) -> None:
    driver = harness.make()
    for ask in (
        driver.info,
        driver.load,
        driver.calls,
        driver.counters,
        driver.trunks,
        lambda: driver.admit(True, retry_after=1),
        lambda: driver.end(None),
        lambda: driver.apply(harness.tables),
        lambda: driver.set_trunk("first/0", enabled=True),
    ):
        with pytest.raises(EngineGone):
            await ask()
    assert await driver.stop() is None


async def start_tells_who_answers(harness: Harness) -> None:
    driver = harness.make()
    info = await driver.start(setup_of(harness))
    assert info.name
    assert info.version
    assert info.admitting
    assert info.digest == digest(harness.tables)
    assert await driver.info() == info


async def a_second_start_attaches_and_changes_nothing(harness: Harness) -> None:
    driver = await started(harness)
    before = await driver.info()
    other = EngineSetup(replace(harness.tables, route=()), admitting=False, retry_after=99)
    assert await driver.start(other) == before
    assert await driver.info() == before


async def a_new_driver_finds_the_engine_as_it_was(harness: Harness) -> None:
    driver = await started(harness)
    call = await harness.place()
    before = await driver.info()
    await driver.close()
    again = harness.make()
    assert await again.info() == before
    assert await again.start(setup_of(harness)) == before
    assert [up.id for up in await again.calls()] == [call]


async def a_start_with_wrong_tables_starts_nothing(harness: Harness) -> None:
    driver = harness.make()
    wrong = replace(harness.tables, route=(Route(index=0, name="astray", peer="nobody"),))
    with pytest.raises(InvalidConfiguration):
        await driver.start(EngineSetup(wrong, admitting=True, retry_after=1))
    with pytest.raises(EngineGone):
        await driver.info()


async def an_engine_can_start_closed(harness: Harness) -> None:
    driver = harness.make()
    info = await driver.start(setup_of(harness, admitting=False, retry_after=13))
    assert not info.admitting
    assert await harness.offer() == Answer(503, 13)


async def a_stopped_engine_is_gone_and_starts_anew(harness: Harness) -> None:
    driver = await started(harness)
    before = await driver.info()
    await harness.offer()
    await wait_quiet(harness, driver)
    stopped = await driver.stop()
    assert stopped is not None
    assert stopped.pid == before.pid
    assert not stopped.killed
    with pytest.raises(EngineGone):
        await driver.info()
    assert await driver.stop() is None
    after = await driver.start(setup_of(harness))
    assert after.pid != before.pid
    assert after.epoch > before.epoch
    counters = await driver.counters()
    assert counters.epoch == after.epoch
    assert counters.values["offered"] == 0
    assert (await harness.offer()).status == 200


async def an_engine_that_crashed_is_gone_and_starts_anew(harness: Harness) -> None:
    driver = await started(harness)
    before = await driver.info()
    await harness.kill()

    async def gone() -> bool:
        try:
            await driver.info()
        except EngineGone:
            return True
        return False

    await harness.wait(gone)
    assert await driver.stop() is None
    assert (await driver.start(setup_of(harness))).pid != before.pid
    assert (await harness.offer()).status == 200


async def a_restart_lets_calls_go_on_where_the_engine_can(harness: Harness) -> None:
    driver = await started(harness)
    if Capability.SURVIVES_RESTART not in driver.capabilities:
        return
    call = await harness.place()
    await driver.stop()
    await driver.start(setup_of(harness))
    assert await harness.hang_up(call)


async def a_take_over_keeps_calls_and_counts(harness: Harness) -> None:
    driver = await started(harness)
    if Capability.TAKEOVER not in driver.capabilities:
        with pytest.raises(NotSupported):
            await driver.take_over(setup_of(harness))
        return
    placed = [await harness.place() for _ in range(3)]
    before, counted = await driver.info(), await driver.counters()
    after = await driver.take_over(setup_of(harness))
    assert after.pid != before.pid
    assert await driver.info() == after
    assert [call.id for call in await driver.calls()] == placed
    assert (await driver.load()).calls == 3
    now = await driver.counters()
    assert all(now.values[name] >= value for name, value in counted.values.items())
    for call in placed:
        assert await harness.hang_up(call)
    await wait_quiet(harness, driver)
    assert (await harness.offer()).status == 200


async def a_take_over_can_stay_closed(harness: Harness) -> None:
    driver = await started(harness)
    if Capability.TAKEOVER not in driver.capabilities:
        return
    await driver.admit(False, retry_after=4)
    info = await driver.take_over(setup_of(harness, admitting=False, retry_after=4))
    assert not info.admitting
    assert await harness.offer() == Answer(503, 4)
