"""The checks of the driver contract can fail: each kind of lie is found by the check that is there for it."""

import pytest
from tests.contracts import driver_calls, driver_life, driver_routing
from tests.contracts.driver import CHECKS
from tests.drivers.simulated.harness import SimulatedHarness

from busyout.drivers.simulated.faults import METHODS, Fault

pytestmark = pytest.mark.anyio

FOUND_BY = {
    "start": driver_life.start_tells_who_answers,
    "admit": driver_calls.the_first_call_after_admit_sees_the_new_state,
    "load": driver_calls.load_counts_the_calls,
    "calls": driver_calls.calls_come_in_pages_oldest_first,
    "end": driver_calls.all_calls_are_ended_at_once,
    "counters": driver_calls.counters_only_grow,
    "apply": driver_routing.apply_moves_new_calls_and_keeps_old_ones,
    "trunks": driver_routing.a_trunk_that_stops_answering_is_seen_and_told,
    "set_trunk": driver_routing.trunks_are_told_and_switched,
    "stop": driver_life.a_stopped_engine_is_gone_and_starts_anew,
    "take_over": driver_life.a_take_over_keeps_calls_and_counts,
}
TRUTHFUL = {"info", "events"}
"""Methods about which a simulated engine does not lie."""


@pytest.mark.parametrize("method", FOUND_BY)
async def test_a_lie_is_found(method: str):
    harness = SimulatedHarness({})
    harness.engine.fault(Fault.LIES, method)
    with pytest.RaisesGroup(BaseException, allow_unwrapped=True, flatten_subgroups=True):
        await FOUND_BY[method](harness)


def test_every_method_is_thought_of():
    assert FOUND_BY.keys() | TRUTHFUL == METHODS
    assert set(FOUND_BY.values()) <= set(CHECKS)
