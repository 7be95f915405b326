"""The checks of the driver contract can fail: each kind of lie is found by the check that is there for it."""

import pytest
from tests.contracts import driver as kit
from tests.contracts.driver import CHECKS
from tests.drivers.simulated.harness import SimulatedHarness

from busyout.drivers.simulated.faults import METHODS, Fault

pytestmark = pytest.mark.anyio

FOUND_BY = {
    "start": kit.start_tells_who_answers,
    "admit": kit.the_first_call_after_admit_sees_the_new_state,
    "load": kit.load_counts_the_calls,
    "calls": kit.calls_come_in_pages_oldest_first,
    "end": kit.all_calls_are_ended_at_once,
    "counters": kit.counters_only_grow,
    "apply": kit.apply_moves_new_calls_and_keeps_old_ones,
    "trunks": kit.a_trunk_that_stops_answering_is_seen_and_told,
    "set_trunk": kit.trunks_are_told_and_switched,
    "stop": kit.a_stopped_engine_is_gone_and_starts_anew,
    "take_over": kit.a_take_over_keeps_calls_and_counts,
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
