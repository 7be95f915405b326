"""What a simulated engine does when it is asked to go wrong."""

import asyncio

import pytest
from msgspec.structs import replace
from tests.drivers.simulated.harness import TABLES, SimulatedHarness

from busyout.domain.engine import EngineSetup
from busyout.domain.errors import (
    ElementUnreachable,
    EngineGone,
    EngineRefused,
    InvalidConfiguration,
    StopTimeout,
)
from busyout.domain.traffic import Load
from busyout.drivers.simulated.faults import Fault
from busyout.ports.driver import Driver

pytestmark = pytest.mark.anyio

SETUP = EngineSetup(TABLES, True, 7)


async def started() -> tuple[SimulatedHarness, Driver]:
    harness = SimulatedHarness({})
    driver = harness.make()
    await driver.start(SETUP)
    return harness, driver


async def test_a_refusing_engine_changes_nothing():
    harness, driver = await started()
    harness.engine.fault(Fault.REFUSES, "admit", times=1)
    with pytest.raises(EngineRefused):
        await driver.admit(False, retry_after=1)
    assert harness.engine.admitting
    await driver.admit(False, retry_after=1)
    assert not harness.engine.admitting


async def test_a_hanging_engine_is_unreachable_after_five_seconds():
    harness, driver = await started()
    harness.engine.fault(Fault.HANGS)
    asked = asyncio.create_task(driver.load())
    await harness.clock.advance(4.9)
    assert not asked.done()
    await harness.clock.advance(0.2)
    with pytest.raises(ElementUnreachable):
        await asked


async def test_a_hanging_engine_that_is_released_answers():
    harness, driver = await started()
    harness.engine.fault(Fault.HANGS, "load")
    asked = asyncio.create_task(driver.load())
    await harness.clock.advance(2)
    harness.engine.heal()
    await harness.clock.advance(1)
    assert await asked == Load(0, 0, 0)


async def test_a_hanging_engine_is_killed_when_it_is_stopped():
    harness, driver = await started()
    harness.engine.fault(Fault.HANGS, "stop")
    stopped = await harness.clock.finish(driver.stop(kill_after=10))
    assert stopped.killed
    assert not harness.engine.running


async def test_an_engine_may_refuse_even_to_be_killed():
    harness, driver = await started()
    harness.engine.fault(Fault.REFUSES, "stop", times=1)
    with pytest.raises(StopTimeout):
        await harness.clock.finish(driver.stop())
    assert harness.engine.running


async def test_a_dying_engine_is_gone_until_it_is_started():
    harness, driver = await started()
    harness.engine.call()
    harness.engine.fault(Fault.DIES, "load")
    with pytest.raises(EngineGone):
        await driver.load()
    with pytest.raises(EngineGone):
        await driver.info()
    await driver.start(SETUP)
    assert await driver.load() == Load(0, 0, 0)
    assert len(harness.engine.cut) == 1


async def test_a_lying_engine_says_stopped_and_runs_on():
    harness, driver = await started()
    harness.engine.fault(Fault.LIES, "stop", "admit", "load", "end")
    harness.engine.call()
    assert await driver.load() == Load(0, 0, 0)
    await driver.admit(False, retry_after=1)
    assert (await driver.end(None)).ended == 1
    assert await driver.stop() is not None
    harness.engine.heal()
    assert (await driver.info()).admitting
    assert (await driver.load()).calls == 1


async def test_a_lying_engine_says_started_and_is_not():
    harness = SimulatedHarness({})
    driver = harness.make()
    harness.engine.fault(Fault.LIES, "start", times=1)
    await driver.start(SETUP)
    with pytest.raises(EngineGone):
        await driver.info()


async def test_an_answer_can_get_lost_after_the_deed():
    harness, driver = await started()
    harness.engine.fault(Fault.LOSES_ANSWER, "admit", times=1)
    with pytest.raises(ElementUnreachable):
        await driver.admit(False, retry_after=1)
    assert not harness.engine.admitting


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.REFUSES, InvalidConfiguration),
        (Fault.DIES, ElementUnreachable),
        (Fault.HANGS, ElementUnreachable),
    ],
)
async def test_a_start_can_fail(fault: Fault, error: type[Exception]):
    harness = SimulatedHarness({})
    driver = harness.make()
    harness.engine.fault(fault, "start")
    with pytest.raises(error):
        await harness.clock.finish(driver.start(SETUP))
    assert not harness.engine.running


async def test_a_lying_apply_leaves_the_configuration_as_it_was():
    harness, driver = await started()
    harness.engine.fault(Fault.LIES, "apply")
    assert (await driver.apply(replace(TABLES, route=()))).live == ("route",)
    assert harness.engine.tables == TABLES


def test_a_fault_of_an_unknown_method_is_a_mistake():
    with pytest.raises(ValueError, match="drain"):
        SimulatedHarness({}).engine.fault(Fault.HANGS, "drain")
