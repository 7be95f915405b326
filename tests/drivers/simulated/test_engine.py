"""What a simulated engine does of itself: calls that end at their time, set-ups, capacity, trunks, survival."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.clock import START, ManualClock
from tests.drivers.simulated.harness import TABLES, SimulatedHarness

from busyout.domain.engine import EngineSetup
from busyout.domain.traffic import Load
from busyout.drivers.simulated.behaviour import Behaviour
from busyout.drivers.simulated.engine import SimulatedEngine
from busyout.drivers.simulated.network import SimulatedNetwork

pytestmark = pytest.mark.anyio


def running(clock: ManualClock, behaviour: Behaviour | None = None) -> SimulatedEngine:
    engine = SimulatedNetwork(clock).engine("sbc")
    engine.spawn(EngineSetup(TABLES, True, 7), behaviour or Behaviour())
    return engine


async def test_a_call_ends_at_its_time():
    clock = ManualClock()
    engine = running(clock)
    engine.call(seconds=20)
    await clock.advance(19.9)
    assert engine.load == Load(1, 0, 0)
    await clock.advance(0.1)
    assert engine.load == Load(0, 0, 0)
    assert engine.counter("completed") == 1


async def test_a_ringing_call_is_a_set_up_with_an_open_transaction():
    clock = ManualClock()
    engine = running(clock)
    engine.call(ringing=3, seconds=10)
    assert engine.load == Load(0, 1, 1)
    assert engine.counter("answered") == 0
    await clock.advance(3)
    assert engine.load == Load(1, 0, 0)
    await clock.advance(10)
    assert engine.load.quiet


async def test_an_unanswered_bye_is_an_open_transaction_but_no_call():
    clock = ManualClock()
    engine = running(clock, Behaviour(bye_seconds=0.4))
    engine.call(seconds=5)
    await clock.advance(5)
    assert engine.load == Load(0, 0, 1)
    assert [call.state for call in engine.calls] == ["ending"]
    await clock.advance(0.5)
    assert engine.load.quiet


async def test_an_engine_that_does_not_tell_its_transactions_says_so():
    engine = running(ManualClock(), Behaviour(transactions_known=False))
    engine.call(ringing=3)
    assert engine.load.transactions is None


async def test_a_full_engine_refuses_without_retry_after():
    clock = ManualClock()
    engine = running(clock, Behaviour(capacity=2))
    answers = [engine.call(seconds=5) for _ in range(3)]
    assert [(answer.status, answer.retry_after) for answer in answers] == [(200, None), (200, None), (503, None)]
    await clock.advance(5)
    assert engine.call().admitted


async def test_a_call_without_a_route_is_not_found():
    engine = SimulatedNetwork(ManualClock()).engine("sbc")
    engine.spawn(EngineSetup(replace(TABLES, classification=()), True, 7), Behaviour())
    assert engine.call().status == 404
    assert engine.counter("refused_no_route") == 1


async def test_a_call_to_trunks_that_are_down_fails():
    engine = running(ManualClock())
    engine.trunk_answers("first/0", False)
    assert engine.call().status == 503
    assert engine.counter("failed") == 1


async def test_the_refused_are_counted_over_all_processes():
    engine = running(ManualClock())
    assert engine.process is not None
    engine.process.machine.admitting = False
    engine.call()
    engine.die()
    engine.spawn(EngineSetup(TABLES, False, 7), Behaviour())
    engine.call()
    assert engine.refused == 2
    assert engine.restarts == 1


async def test_nobody_answers_a_call_to_a_stopped_engine():
    engine = SimulatedNetwork(ManualClock()).engine("sbc")
    assert engine.call().status == 408


async def test_calls_that_do_not_survive_are_cut_and_listed():
    engine = running(ManualClock())
    outcome = engine.call()
    engine.die()
    assert engine.cut == [outcome.id]


async def test_calls_that_survive_end_at_their_time_while_the_engine_is_down():
    clock = ManualClock()
    surviving = Behaviour(survives_restart=True)
    engine = running(clock, surviving)
    engine.call(seconds=5)
    engine.call(seconds=50)
    engine.die()
    await clock.advance(10)
    engine.spawn(EngineSetup(TABLES, True, 7), surviving)
    assert engine.load.calls == 1
    assert engine.cut == []
    assert engine.counter("completed") == 0
    await clock.advance(40)
    assert engine.counter("completed") == 1


async def test_two_starts_at_the_same_moment_have_different_epochs_and_process_ids():
    harness = SimulatedHarness({})
    driver = harness.make()
    setup = EngineSetup(TABLES, True, 7)
    seen = set()
    for _ in range(5):
        info = await driver.start(setup)
        seen.add((info.pid, info.epoch))
        await driver.stop()
    assert len({pid for pid, _ in seen}) == len({epoch for _, epoch in seen}) == 5


class At:
    """A clock that is set."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"an engine in memory does not wait {seconds}")


Moment = tuple[float, tuple[float, float] | None]
"""When, and the ringing and the length of a call that is offered then; None for a look."""


def counted(moments: list[Moment]) -> tuple[dict[str, int], Load]:
    """What an engine has counted 150 s after its start, when all that has happened to it."""
    clock = At()
    engine = SimulatedNetwork(clock).engine("sbc")
    process = engine.spawn(EngineSetup(TABLES, True, 7), Behaviour(bye_seconds=0.5))
    for at, call in sorted(moments, key=lambda moment: moment[0]):
        clock.time = START + at
        if call is None:
            assert engine.load.calls >= 0
        else:
            engine.call(ringing=call[0], seconds=call[1])
    clock.time = START + 150
    return process.counters(clock.time).values, engine.load


offers = st.tuples(st.floats(0, 100), st.tuples(st.floats(0, 20), st.floats(0.1, 60)))
looks = st.tuples(st.floats(0, 149), st.none())


@given(st.lists(offers, max_size=30), st.lists(looks, max_size=10))
def test_how_often_one_looks_does_not_matter(calls: list[Moment], seen: list[Moment]):
    values, load = counted(calls)
    assert (values, load) == counted([*calls, *seen])
    assert values["admitted"] == values["completed"] + load.calls + load.setups
    assert values["offered"] == len(calls)


def test_thousands_of_engines_cost_little():
    network = SimulatedNetwork(ManualClock())
    setup = EngineSetup(TABLES, True, 7)
    tracemalloc.start()
    for number in range(2000):
        network.engine(f"sbc-{number}").spawn(setup, Behaviour())
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / 2000 < 10_000
