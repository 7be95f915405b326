"""Which drivers there are and how they are asked for."""

from pathlib import Path

import pytest
from tests.clock import ManualClock

from busyout.domain.element import Element
from busyout.domain.engine import Capability, EngineSetup
from busyout.domain.errors import InvalidValue
from busyout.drivers.registry import Registry
from busyout.drivers.simulated.network import SimulatedNetwork

HOME = Path("unused")


def element(driver: str = "simulated", **options: str) -> Element:
    return Element(name="sbc", kind="sbc", driver=driver, options=options)


def test_an_unknown_driver_is_refused_with_the_names_of_the_known_ones():
    with pytest.raises(InvalidValue, match=r"'asterisk'.*proxy, simulated"):
        Registry(ManualClock()).make(element("asterisk"), HOME)


@pytest.mark.parametrize(
    "options",
    [
        {"colour": "blue"},
        {"capacity": "0"},
        {"capacity": "many"},
        {"survives_restart": "perhaps"},
        {"bye_seconds": "-1"},
        {"start_seconds": "nan"},
        {"lacks": "wings"},
    ],
    ids=str,
)
def test_wrong_options_are_refused_by_name(options: dict[str, str]):
    with pytest.raises(InvalidValue, match=next(iter(options))):
        Registry(ManualClock()).make(element(**options), HOME)


def test_options_decide_what_the_engine_can_do():
    able = Registry(ManualClock()).make(element(survives_restart="true", lacks="takeover, end_calls"), HOME)
    assert Capability.SURVIVES_RESTART in able.capabilities
    assert not {Capability.TAKEOVER, Capability.END_CALLS} & able.capabilities


@pytest.mark.anyio
async def test_an_engine_outlives_the_registry_that_made_its_driver():
    clock = ManualClock()
    network = SimulatedNetwork(clock)
    setup = EngineSetup(tables=network.engine("sbc").tables, admitting=True, retry_after=7)
    before = await Registry(clock, network).make(element(), HOME).start(setup)
    assert await Registry(clock, network).make(element(), HOME).info() == before


@pytest.mark.anyio
async def test_looking_at_options_does_not_change_an_engine_that_runs():
    clock = ManualClock()
    registry = Registry(clock)
    driver = registry.make(element(capacity="5"), HOME)
    await driver.start(EngineSetup(SimulatedNetwork(clock).engine("sbc").tables, admitting=True, retry_after=7))
    registry.make(element(capacity="9"), HOME)
    assert (await driver.load()).capacity == 5
