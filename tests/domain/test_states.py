"""The state tables: every state can be reached, settled states are final, nothing moves outside the table."""

from collections.abc import Mapping
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.errors import TransitionRefused
from busyout.domain.mode import GATE_TRANSITIONS, GateEvent, GateState
from busyout.domain.operation import (
    OPERATION_TRANSITIONS,
    SETTLED,
    STEP_TRANSITIONS,
    OperationEvent,
    OperationState,
    StepEvent,
    StepState,
)
from busyout.domain.states import (
    ADMINISTRATIVE_TRANSITIONS,
    AdministrativeEvent,
    AdministrativeState,
    move,
)

Table = Mapping[tuple[Enum, Enum], Enum]

TABLES: dict[str, tuple[Table, type[Enum], type[Enum], Enum, frozenset[Enum]]] = {
    "administrative": (
        ADMINISTRATIVE_TRANSITIONS,
        AdministrativeState,
        AdministrativeEvent,
        AdministrativeState.UNLOCKED,
        frozenset(),
    ),
    "gate": (GATE_TRANSITIONS, GateState, GateEvent, GateState.SHUT, frozenset()),
    "operation": (OPERATION_TRANSITIONS, OperationState, OperationEvent, OperationState.WAITING, SETTLED),
    "step": (
        STEP_TRANSITIONS,
        StepState,
        StepEvent,
        StepState.WAITING,
        frozenset({StepState.UNDONE, StepState.NOT_UNDONE, StepState.UNKNOWN}),
    ),
}

each_table = pytest.mark.parametrize("name", TABLES)


@each_table
def test_every_state_can_be_reached_from_the_first(name: str):
    table, states, _, first, _ = TABLES[name]
    reached = {first}
    while more := {to for (state, _), to in table.items() if state in reached} - reached:
        reached |= more
    assert reached == set(states)


@each_table
def test_every_event_moves_something(name: str):
    table, _, events, _, _ = TABLES[name]
    assert {event for _, event in table} == set(events)


@each_table
def test_exactly_the_settled_states_have_no_way_out(name: str):
    table, states, _, _, settled = TABLES[name]
    assert set(states) - {state for state, _ in table} == settled


@each_table
def test_a_settled_state_can_be_reached_from_everywhere(name: str):
    table, states, _, _, settled = TABLES[name]
    ending = set(settled)
    while more := {state for (state, _), to in table.items() if to in ending} - ending:
        ending |= more
    assert ending == (set(states) if settled else set())


@each_table
def test_nothing_moves_outside_the_table(name: str):
    table, states, events, _, _ = TABLES[name]
    for state in states:
        for event in events:
            if (state, event) in table:
                assert move(table, state, event) is table[state, event]
            else:
                with pytest.raises(TransitionRefused, match=f"{event.value} is not possible while {state.value}"):
                    move(table, state, event)


@given(st.lists(st.sampled_from(OperationEvent)))
def test_an_operation_settles_once_whatever_happens(events: list[OperationEvent]):
    state = OperationState.WAITING
    for event in events:
        before = state
        try:
            state = move(OPERATION_TRANSITIONS, state, event)
        except TransitionRefused:
            continue
        assert before not in SETTLED


@given(st.lists(st.sampled_from(AdministrativeEvent)))
def test_an_unlock_always_leads_back_into_service(events: list[AdministrativeEvent]):
    state = AdministrativeState.UNLOCKED
    for event in events:
        state = ADMINISTRATIVE_TRANSITIONS.get((state, event), state)
    assert ADMINISTRATIVE_TRANSITIONS.get((state, AdministrativeEvent.UNLOCK), state) is AdministrativeState.UNLOCKED


def test_only_an_unlocked_element_can_be_shut_down():
    able = {state for state, event in ADMINISTRATIVE_TRANSITIONS if event is AdministrativeEvent.SHUT_DOWN}
    assert able == {AdministrativeState.UNLOCKED}
