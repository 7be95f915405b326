"""When an engine that ended by itself is started again."""

from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.supervision import (
    FIRST_BACK_OFF,
    FLAPPING_STARTS,
    FLAPPING_WINDOW,
    LONGEST_BACK_OFF,
    Restarts,
    flapping,
    start_due_at,
)


def test_the_first_start_is_due_at_once():
    assert start_due_at(Restarts(), now=100) == 100


def test_each_further_start_waits_twice_as_long():
    restarts, now, waits = Restarts(), 1000.0, []
    for _ in range(8):
        due = start_due_at(restarts, now=now)
        waits.append(due - now)
        now = due
        restarts = restarts.noted(now)
    assert waits == [0, *(FIRST_BACK_OFF * 2**n for n in range(7))]


@given(st.lists(st.floats(0, 10_000), max_size=2000), st.floats(0, 20_000))
def test_a_start_is_never_put_off_for_longer_than_the_longest_wait(starts: list[float], now: float):
    due = start_due_at(Restarts(tuple(sorted(starts))), now=now)
    assert due <= now + LONGEST_BACK_OFF


def test_a_clock_that_was_set_back_does_not_put_off_a_start():
    assert start_due_at(Restarts((5000.0,)), now=1000.0) == 1000.0


def test_a_thousand_starts_in_a_row_wait_no_longer_than_the_longest():
    assert start_due_at(Restarts((1000.0,) * 2000), now=1000.0) == 1000.0 + LONGEST_BACK_OFF


def test_old_starts_are_forgotten():
    restarts = Restarts().noted(0).noted(1)
    assert restarts.noted(FLAPPING_WINDOW + 0.5).at == (1, FLAPPING_WINDOW + 0.5)
    assert start_due_at(restarts, now=FLAPPING_WINDOW + 1) == FLAPPING_WINDOW + 1


def test_an_engine_flaps_from_the_third_start_on():
    restarts = Restarts()
    for start in range(FLAPPING_STARTS):
        assert not flapping(restarts, now=start)
        restarts = restarts.noted(start)
    assert flapping(restarts, now=FLAPPING_STARTS)
    assert not flapping(restarts, now=FLAPPING_WINDOW + FLAPPING_STARTS)
