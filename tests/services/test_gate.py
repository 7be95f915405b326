"""The gate of one server: who comes in, who is counted, and which rows it follows."""

import asyncio
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.clock import START, ManualClock

from busyout.domain.context.errors import GateShut, ModeNotAllowed, ModeSwitching
from busyout.domain.mode import ALLOWED, GateState, Mode, ModeRow, RequestClass
from busyout.services.gate import UNLIMITED_RETRY_AFTER, Gate

DATA, SCHEMA, ANY = RequestClass.DATA, RequestClass.SCHEMA, RequestClass.ANY
PRODUCTION = ModeRow(mode=Mode.PRODUCTION, generation=1)
LEAVING = ModeRow(mode=Mode.PRODUCTION, generation=2, switching_to=Mode.MAINTENANCE, deadline=START + 2.5)
MAINTENANCE = ModeRow(mode=Mode.MAINTENANCE, generation=3)


def gate(*rows: ModeRow) -> Gate:
    """A gate that has followed these rows."""
    made = Gate(ManualClock())
    for row in rows:
        made.apply(row)
    return made


def test_a_gate_is_shut_until_it_knows_the_mode() -> None:
    shut = gate()
    for kind in RequestClass:
        with pytest.raises(GateShut):
            shut.check(kind)
    with pytest.raises(GateShut):
        shut.check_open()
    with pytest.raises(GateShut):
        _ = shut.mode


@pytest.mark.parametrize("row", [PRODUCTION, MAINTENANCE])
@pytest.mark.parametrize("kind", RequestClass)
def test_a_mode_lets_in_what_it_allows(row: ModeRow, kind: RequestClass) -> None:
    opened = gate(row)
    opened.check_open()
    if kind in ALLOWED[row.mode]:
        with opened.enter(kind):
            assert opened.in_flight(kind) == 1
    else:
        with pytest.raises(ModeNotAllowed) as refused, opened.enter(kind):
            pass
        assert refused.value.mode is row.mode
    assert [opened.in_flight(each) for each in RequestClass] == [0, 0, 0]


def test_a_request_is_uncounted_however_it_ends() -> None:
    opened = gate(PRODUCTION)
    with pytest.raises(ZeroDivisionError), opened.enter(DATA):
        _ = 1 / 0
    assert opened.in_flight(DATA) == 0


def test_nobody_comes_in_while_the_mode_is_switched_and_is_told_when_to_come_again() -> None:
    closed = gate(PRODUCTION, LEAVING)
    assert (closed.switching, closed.mode) == (True, Mode.PRODUCTION)
    for kind in RequestClass:
        with pytest.raises(ModeSwitching) as refused, closed.enter(kind):
            pass
        assert refused.value.retry_after == 3
    assert closed.refused == 3


def test_who_is_told_when_to_come_again_is_told_a_second_at_least() -> None:
    late = gate(ModeRow(mode=Mode.PRODUCTION, generation=2, switching_to=Mode.MAINTENANCE, deadline=START - 9))
    with pytest.raises(ModeSwitching) as refused:
        late.check(ANY)
    assert refused.value.retry_after == 1
    unlimited = gate(ModeRow(mode=Mode.PRODUCTION, generation=2, switching_to=Mode.MAINTENANCE))
    with pytest.raises(ModeSwitching) as refused:
        unlimited.check(ANY)
    assert refused.value.retry_after == UNLIMITED_RETRY_AFTER


def test_an_older_row_is_left_alone() -> None:
    opened = gate(PRODUCTION, LEAVING, MAINTENANCE)
    opened.apply(LEAVING)
    opened.apply(PRODUCTION)
    assert (opened.state, opened.generation) == (GateState.MAINTENANCE, 3)


def test_a_switch_that_nobody_told_us_of_shuts_the_gate_until_it_is_empty() -> None:
    opened = gate(PRODUCTION)
    with opened.enter(DATA):
        opened.apply(MAINTENANCE)
        assert opened.state is GateState.SHUT
        opened.apply(MAINTENANCE)
        assert opened.state is GateState.SHUT
    opened.apply(MAINTENANCE)
    assert opened.state is GateState.MAINTENANCE


def test_a_server_that_lost_its_slot_opens_with_the_same_row_again() -> None:
    opened = gate(PRODUCTION)
    opened.shut()
    opened.shut()
    with pytest.raises(GateShut):
        opened.check(ANY)
    opened.apply(PRODUCTION)
    opened.check(DATA)


@pytest.mark.anyio
async def test_who_waits_is_woken_by_the_end_of_the_last_request() -> None:
    opened = gate(PRODUCTION)
    with ExitStack() as requests:
        requests.enter_context(opened.enter(DATA))
        requests.enter_context(opened.enter(ANY))
        with opened.enter(DATA):
            opened.apply(LEAVING)
            waiting = asyncio.create_task(opened.wait_empty())
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting
    await opened.wait_empty()


def test_a_request_that_stands_aside_is_not_waited_for() -> None:
    opened = gate(PRODUCTION)
    with opened.enter(DATA):
        with opened.aside(DATA):
            assert opened.busy == 0
        assert opened.busy == 1
    assert opened.busy == 0


@given(st.lists(st.sampled_from(["data", "schema", "any", "leave", "row", "lose"]), max_size=60))
def test_schemas_and_data_are_never_in_together(events: list[str]) -> None:
    opened, row = gate(PRODUCTION), PRODUCTION
    entered: list[tuple[RequestClass, ExitStack]] = []
    for event in events:
        if event == "leave" and entered:
            entered.pop(0)[1].close()
        elif event == "lose":
            opened.shut()
        elif event == "row" and row.switching_to is None:
            other = Mode.MAINTENANCE if row.mode is Mode.PRODUCTION else Mode.PRODUCTION
            row = ModeRow(mode=row.mode, generation=row.generation + 1, switching_to=other)
        elif event == "row" and row.switching_to is not None and not opened.busy:
            row = ModeRow(mode=row.switching_to, generation=row.generation + 1)
        elif event in ("data", "schema", "any"):
            with ExitStack() as request:
                try:
                    request.enter_context(opened.enter(RequestClass(event)))
                except (ModeNotAllowed, ModeSwitching, GateShut):
                    continue
                entered.append((RequestClass(event), request.pop_all()))
        if event == "row":
            opened.apply(row)
        assert opened.in_flight(DATA) == 0 or opened.in_flight(SCHEMA) == 0
        assert [opened.in_flight(kind) for kind in RequestClass] == [
            sum(each is kind for each, _ in entered) for kind in RequestClass
        ]
