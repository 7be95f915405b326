"""What every driver must do: the promises of `ports/driver.py`, as checks that any harness can run.

A test module of a driver supplies a harness and one test that is parametrised with `CHECKS`.
"""

from collections.abc import Awaitable, Callable

from tests.contracts import driver_calls, driver_life, driver_routing
from tests.contracts.driver_harness import Answer, Harness

__all__ = ["CHECKS", "Answer", "Check", "Harness"]

Check = Callable[[Harness], Awaitable[None]]

CHECKS: tuple[Check, ...] = (
    driver_life.an_engine_that_was_never_started_is_gone,
    driver_life.start_tells_who_answers,
    driver_life.a_second_start_attaches_and_changes_nothing,
    driver_life.a_new_driver_finds_the_engine_as_it_was,
    driver_life.a_start_with_wrong_tables_starts_nothing,
    driver_life.an_engine_can_start_closed,
    driver_life.a_stopped_engine_is_gone_and_starts_anew,
    driver_life.an_engine_that_crashed_is_gone_and_starts_anew,
    driver_life.a_restart_lets_calls_go_on_where_the_engine_can,
    driver_life.a_take_over_keeps_calls_and_counts,
    driver_life.a_take_over_can_stay_closed,
    driver_calls.the_first_call_after_admit_sees_the_new_state,
    driver_calls.admit_twice_is_admit_once,
    driver_calls.calls_in_progress_outlast_a_closed_admission,
    driver_calls.load_counts_the_calls,
    driver_calls.a_ringing_call_is_in_progress_and_outlasts_a_closed_admission,
    driver_calls.a_ringing_call_is_ended_too,
    driver_calls.calls_come_in_pages_oldest_first,
    driver_calls.one_call_is_ended_and_the_others_stay,
    driver_calls.a_call_that_is_not_there_cannot_be_ended,
    driver_calls.all_calls_are_ended_at_once,
    driver_calls.counters_only_grow,
    driver_routing.a_dry_run_changes_nothing,
    driver_routing.apply_moves_new_calls_and_keeps_old_ones,
    driver_routing.apply_is_all_or_nothing,
    driver_routing.a_changed_interface_waits_for_the_next_start,
    driver_routing.trunks_are_told_and_switched,
    driver_routing.a_trunk_that_stops_answering_is_seen_and_told,
    driver_routing.begin_and_end_of_calls_are_told,
    driver_routing.the_events_end_when_the_engine_ends,
)
