"""What each mode lets in, and how a gate goes from one to the other."""

from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.mode import (
    ALLOWED,
    GATE_TRANSITIONS,
    GATED,
    OPEN,
    Confirmation,
    GateEvent,
    GateState,
    Mode,
    ModeRow,
    RequestClass,
    still_to_come,
    waiting_for,
)


def test_no_mode_lets_schemas_and_data_in_together():
    assert all(len(kinds & set(GATED)) == 1 for kinds in ALLOWED.values())
    assert all(RequestClass.ANY in kinds for kinds in ALLOWED.values())


@given(st.lists(st.sampled_from(GateEvent)))
def test_a_gate_is_closed_between_two_modes(events: list[GateEvent]):
    state, open_in = GateState.SHUT, None
    closed = True
    for event in events:
        state = GATE_TRANSITIONS.get((state, event), state)
        if state not in OPEN:
            closed = True
        elif OPEN[state] is not open_in:
            assert closed
            open_in, closed = OPEN[state], False


def test_a_row_tells_a_gate_what_to_do():
    row = ModeRow(mode=Mode.PRODUCTION, generation=3)
    assert row.event is GateEvent.PRODUCTION_HOLDS
    switching = ModeRow(mode=Mode.PRODUCTION, generation=4, switching_to=Mode.MAINTENANCE, operation="a")
    assert switching.event is GateEvent.SWITCH_TO_MAINTENANCE


def test_only_what_live_servers_say_of_this_generation_counts():
    told = {
        "a": Confirmation("a", generation=7, in_flight=2),
        "b": Confirmation("b", generation=6, in_flight=0),
        "dead": Confirmation("dead", generation=7, in_flight=5),
    }
    assert still_to_come(frozenset({"a", "b", "c"}), told, generation=7) == (2, 2)
    assert still_to_come(frozenset(), told, generation=7) == (0, 0)


def test_what_is_waited_for_is_one_sentence():
    assert waiting_for(1, 0, deadline_in=None) == "1 request to end"
    assert waiting_for(2, 1, deadline_in=3.4) == "2 requests to end and 1 server to refuse requests, for 3 s more"
    assert waiting_for(0, 2, deadline_in=0.0) == "2 servers to refuse requests, for 0 s more"
    assert waiting_for(0, 0, deadline_in=9.0) == "nothing: every request has ended"
