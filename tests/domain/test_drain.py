"""The verdicts of a drain, case by case, and what it tells of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.drain import (
    LINGER,
    LINGER_BLIND,
    AtDeadline,
    DrainPolicy,
    DrainVerdict,
    Immediately,
    UntilIdle,
    Within,
    deadline_after,
    judge,
    linger,
    look_again_after,
    seconds_to_empty,
    waiting_for,
)
from busyout.domain.traffic import Load

QUIET = Load(0, 0, 0)
CALL = Load(1, 0, 0)
SETUP = Load(0, 1, 1)
TRANSACTION = Load(0, 0, 1)
BLIND_QUIET = Load(0, 0, None)

FORCE, ABORT, EXTEND = AtDeadline.FORCE, AtDeadline.ABORT, AtDeadline.EXTEND
DRAINING, END = DrainVerdict.DRAINING, DrainVerdict.END_REMAINING

Case = tuple[DrainPolicy, Load, float, float, AtDeadline, bool, DrainVerdict]
"""Policy, load, seconds waited, seconds extended, what at the deadline, whether forced; and the verdict."""

CASES: list[Case] = [
    (UntilIdle(), QUIET, 0, 0, FORCE, False, DrainVerdict.QUIET),
    (UntilIdle(), BLIND_QUIET, 0, 0, FORCE, False, DrainVerdict.QUIET),
    (UntilIdle(), CALL, 0, 0, FORCE, False, DRAINING),
    (UntilIdle(), SETUP, 0, 0, FORCE, False, DRAINING),
    (UntilIdle(), TRANSACTION, 0, 0, FORCE, False, DRAINING),
    (UntilIdle(), CALL, 1e9, 0, FORCE, False, DRAINING),
    (UntilIdle(), CALL, 1e9, 0, ABORT, False, DRAINING),
    (UntilIdle(), CALL, 1, 0, FORCE, True, END),
    (UntilIdle(), CALL, 1, 0, ABORT, True, END),
    (UntilIdle(), QUIET, 1, 0, FORCE, True, DrainVerdict.QUIET),
    (Within(60), CALL, 59.9, 0, FORCE, False, DRAINING),
    (Within(60), CALL, 60, 0, FORCE, False, END),
    (Within(60), TRANSACTION, 60, 0, FORCE, False, END),
    (Within(60), QUIET, 60, 0, ABORT, False, DrainVerdict.QUIET),
    (Within(60), CALL, 60, 0, ABORT, False, DrainVerdict.ABORT),
    (Within(60), CALL, 60, 0, EXTEND, False, DrainVerdict.EXTEND),
    (Within(60), CALL, 89, 30, FORCE, False, DRAINING),
    (Within(60), CALL, 90, 30, FORCE, False, END),
    (Within(60), CALL, 119, 60, EXTEND, False, DRAINING),
    (Within(60), CALL, 1, 0, ABORT, True, END),
    (Within(0), CALL, 0, 0, FORCE, False, END),
    (Within(0), CALL, 0, 0, ABORT, False, DrainVerdict.ABORT),
    (Immediately(), QUIET, 0, 0, FORCE, False, DrainVerdict.QUIET),
    (Immediately(), CALL, 0, 0, FORCE, False, END),
    (Immediately(), CALL, 0, 0, ABORT, False, END),
    (Immediately(), CALL, 0, 0, EXTEND, False, END),
    (Immediately(), SETUP, 0, 600, FORCE, False, END),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_verdict(case: Case):
    policy, load, waited, extended, at_deadline, forced, verdict = case
    said = judge(policy, load, waited=waited, extended=extended, at_deadline=at_deadline, forced=forced)
    assert said is verdict


loads = st.builds(
    Load,
    calls=st.integers(0, 5000),
    setups=st.integers(0, 50),
    transactions=st.none() | st.integers(0, 50),
)
policies = st.just(Immediately()) | st.just(UntilIdle()) | st.builds(Within, st.floats(0, 1e6))


@given(policies, loads, st.floats(0, 1e7), st.floats(0, 1e6), st.sampled_from(AtDeadline))
def test_no_call_is_ended_before_the_deadline_unless_asked(
    policy: DrainPolicy, load: Load, waited: float, extended: float, at_deadline: AtDeadline
):
    said = judge(policy, load, waited=waited, extended=extended, at_deadline=at_deadline, forced=False)
    deadline = deadline_after(policy, extended=extended)
    if load.quiet:
        assert said is DrainVerdict.QUIET
    elif deadline is None or waited < deadline:
        assert said is DRAINING
    else:
        assert said in (END, DrainVerdict.ABORT, DrainVerdict.EXTEND)


@given(loads)
def test_it_goes_on_only_when_nothing_at_all_is_in_progress(load: Load):
    assert load.quiet is (load.calls == 0 and load.setups == 0 and load.transactions in (0, None))


def test_an_extension_moves_the_deadline_of_a_bounded_wait_only():
    assert deadline_after(Within(60), extended=30) == 90
    assert deadline_after(Immediately(), extended=30) == 0
    assert deadline_after(UntilIdle(), extended=30) is None


def test_it_lingers_longer_where_transactions_are_not_known():
    assert linger(QUIET) == LINGER
    assert linger(BLIND_QUIET) == LINGER_BLIND


@given(loads, loads)
def test_it_looks_more_often_near_the_end(one: Load, other: Load):
    few, many = sorted((one, other), key=lambda load: load.calls + load.setups)
    assert 0.1 <= look_again_after(few) <= look_again_after(many) <= 1.0


@given(loads, st.floats(0, 1e6))
def test_it_looks_again_when_the_deadline_passes(load: Load, deadline_in: float):
    assert look_again_after(load, deadline_in=deadline_in) <= max(0.1, deadline_in)


@pytest.mark.parametrize(
    ("history", "seconds"),
    [
        ((), None),
        (((0, 10),), None),
        (((0, 10), (10, 10)), None),
        (((0, 10), (10, 11)), None),
        (((0, 10), (0, 5)), None),
        (((0, 100), (10, 50)), 10),
        (((0, 100), (5, 120), (10, 90)), 90),
        (((5, 8), (9, 0)), 0),
    ],
)
def test_time_to_empty(history: tuple[tuple[float, int], ...], seconds: float | None):
    assert seconds_to_empty(history) == seconds


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 10_000)), max_size=20))
def test_time_to_empty_is_never_negative(samples: list[tuple[float, int]]):
    seconds = seconds_to_empty(tuple(sorted(samples)))
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("load", "deadline_in", "text"),
    [
        (QUIET, None, "nothing: every call has ended"),
        (CALL, None, "1 call to end"),
        (Load(2, 0, 0), 12.4, "2 calls to end, for 12 s more"),
        (Load(2, 1, 3), None, "2 calls and 1 call set-up and 3 transactions to end"),
        (TRANSACTION, -3.0, "1 transaction to end, for 0 s more"),
    ],
)
def test_what_it_waits_for(load: Load, deadline_in: float | None, text: str):
    assert waiting_for(load, deadline_in=deadline_in) == text
