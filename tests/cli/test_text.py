"""What the command line says, without a server."""

from pathlib import Path

import msgspec
import pytest

from busyout.cli.app import hoisted
from busyout.cli.credentials import Wanted, find_target
from busyout.cli.exits import CommandError, Exit, NotReady, from_problem
from busyout.cli.follow import Sight, with_progress
from busyout.cli.output import harmless
from busyout.cli.progress import plain_line, screen_lines
from busyout.cli.text import columns, span
from busyout.cli.words import (
    command_words,
    difference_lines,
    event_line,
    operation_lines,
    outcome_words,
    progress_words,
)
from busyout.wire.native import Event, Operation, Problem, Progress, TableDifference

PROGRESS = {
    "calls_left": 12,
    "setups": 1,
    "transactions": 0,
    "registrations": None,
    "oldest_call": 34.0,
    "seconds_to_empty": 20.0,
    "refused": 5,
    "ended": 0,
    "ended_calls": [],
    "deadline_in": 40.0,
    "waiting_for": "12 calls to end",
}

OPERATION = {
    "id": "01a",
    "element": "sbc",
    "lane": "service",
    "command": {"type": "restart", "policy": {"type": "within", "seconds": 60}, "at_deadline": "force", "save": True},
    "state": "running",
    "settled": False,
    "steps": [
        {
            "label": "drain the calls",
            "state": "running",
            "started_at": "2026-11-22T10:00:00.000Z",
            "ended_at": None,
            "reason": None,
            "progress": PROGRESS,
        },
        {
            "label": "restart the engine",
            "state": "waiting",
            "started_at": None,
            "ended_at": None,
            "reason": None,
            "progress": None,
        },
    ],
    "requests": {"cancel": False, "force": False, "extended": 0.0},
    "actor": "admin",
    "face": "native",
    "created_at": "2026-11-22T10:00:00.000Z",
    "started_at": "2026-11-22T10:00:00.000Z",
    "settled_at": None,
    "reason": None,
    "retry_of": None,
}

NOW = 1795341610.0
"""Ten seconds after the operation was asked for."""


def operation(**changes: object) -> Operation:
    return msgspec.convert(OPERATION | changes, Operation)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0, "0 ms"),
        (0.85, "850 ms"),
        (34.24, "34.2 s"),
        (99.97, "1 min 40 s"),
        (320, "5 min 20 s"),
        (3599.7, "60 min 0 s"),
        (11520, "3 h 12 min"),
        (183600, "2 d 3 h"),
    ],
)
def test_lengths_of_time_are_short(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


def test_columns_are_aligned_under_their_titles() -> None:
    assert columns(("A", "LONG"), [("value", "x"), ("b", "y")]) == ["A      LONG", "value  x", "b      y"]


def test_a_drain_is_told_at_a_glance() -> None:
    progress = msgspec.convert(PROGRESS, Progress)
    words = "12 calls left, 1 set-up, oldest 34.0 s, empty in about 20.0 s, 5 refused, deadline in 40.0 s"
    assert progress_words(progress) == words


def test_a_line_in_a_pipe_is_whole_and_can_be_searched() -> None:
    line = plain_line(operation(), note="the server is back")
    assert line.partition(" ")[2] == (
        'operation=01a element=sbc state=running step="drain the calls" calls_left=12 setups=1 oldest=34.0s '
        'empty_in=20.0s refused=5 ended=0 deadline_in=40.0s waiting_for="12 calls to end" note="the server is back"'
    )


def test_the_screen_shows_steps_numbers_and_what_is_waited_for() -> None:
    lines = [line for line, _ in screen_lines(Sight(operation()), now=NOW)]
    assert lines == [
        "  operation 01a",
        "  ▸ drain the calls  10.0 s",
        "      12 calls left, 1 set-up, oldest 34.0 s, empty in about 20.0 s, 5 refused, deadline in 40.0 s",
        "      waits for 12 calls to end",
        "  · restart the engine",
    ]
    away = [line for line, _ in screen_lines(Sight(operation(), silent_for=3.0), now=NOW)]
    assert away[-1].startswith("  the server has been away for 3.0 s; calls go on")


def test_a_switch_of_the_mode_is_told_in_requests() -> None:
    command = {"type": "switch_mode", "mode": "maintenance", "policy": {"type": "within", "seconds": 60.0}}
    switch = operation(command=command, element="context")
    assert command_words(switch) == "switch mode to maintenance within 60 s"
    assert "12 requests left" in " ".join(operation_lines(switch, now=NOW))
    assert "12 requests left" in " ".join(line for line, _ in screen_lines(Sight(switch), now=NOW))
    steps = [OPERATION["steps"][0] | {"state": "done"}]
    ended = outcome_words(operation(command=command, state="succeeded", steps=steps, element="context"))
    assert ended.startswith("context: switch mode to maintenance within 60 s succeeded after ")
    assert ended.endswith("; 5 requests refused")


def test_the_end_says_whether_a_call_was_cut() -> None:
    settled = {"settled": True, "settled_at": "2026-11-22T10:00:30.000Z"}
    steps = [OPERATION["steps"][0] | {"state": "done"}]
    assert outcome_words(operation(state="succeeded", steps=steps, **settled)) == (
        "sbc: restart within 60 s succeeded after 30.0 s; no call was cut, 5 new calls refused"
    )
    failed = outcome_words(operation(state="failed", steps=[], reason="it does not answer", **settled))
    assert failed == "sbc: restart within 60 s failed after 30.0 s: it does not answer"


def test_an_operation_is_shown_with_its_steps() -> None:
    lines = operation_lines(operation(reason="why", retry_of="00z"), now=NOW)
    assert {"operation  01a", "repeats    00z", "reason     why", "  ▸ drain the calls  10.0 s"} <= set(lines)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ({"type": "drain", "policy": {"type": "until_idle"}}, "drain until idle"),
        ({"type": "drain", "policy": {"type": "immediately"}}, "drain immediately"),
        ({"type": "take_over"}, "take over"),
    ],
)
def test_commands_are_told_in_words(command: dict[str, object], words: str) -> None:
    assert command_words(operation(command=command)) == words


def test_progress_of_an_event_belongs_to_the_step_that_runs() -> None:
    data = {"step": "drain the calls", "progress": PROGRESS | {"calls_left": 3}}
    event = Event(0, "2026-11-22T10:00:11.000Z", "operation.progress", "sbc", "01a", data)
    seen = with_progress(operation(), event)
    assert seen.steps[0].progress is not None
    assert seen.steps[0].progress.calls_left == 3
    assert seen.steps[1].progress is None
    nonsense = Event(
        0, event.at, event.type, "sbc", "01a", {"step": "drain the calls", "progress": {"calls_left": "x"}}
    )
    assert with_progress(operation(), nonsense) == operation()


def test_an_event_is_one_line() -> None:
    event = Event(7, "2026-11-22T10:00:11.000Z", "alarm.raised", "sbc", "", {"text": "two\nlines", "none": None})
    assert event_line(event) == '2026-11-22T10:00:11.000Z 7 alarm.raised sbc text="two lines"'


def test_differences_are_told_by_row() -> None:
    lines = difference_lines(
        TableDifference(
            "trunk", ({"index": 1, "port": 1},), ({"index": 2},), (({"index": 0, "port": 5}, {"index": 0, "port": 6}),)
        )
    )
    assert lines == ["+ trunk index=1 port=1", "- trunk index=2", "~ trunk 0 port: 5 → 6"]


def test_a_device_cannot_play_with_the_terminal() -> None:
    assert (
        harmless("call \x1b[2J from \x07eve\n")
        == "call \N{REPLACEMENT CHARACTER}[2J from \N{REPLACEMENT CHARACTER}eve\n"
    )


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, Exit.REFUSED),
        (401, Exit.NOT_PERMITTED),
        (403, Exit.NOT_PERMITTED),
        (404, Exit.REFUSED),
        (409, Exit.REFUSED),
        (429, Exit.NOT_PERMITTED),
        (500, Exit.SERVER_ERROR),
        (503, Exit.UNREACHABLE),
        (302, Exit.SERVER_ERROR),
    ],
)
def test_each_answer_has_its_exit_code(status: int, code: Exit) -> None:
    error = from_problem(Problem("urn:x", "Title", status, detail="Why", holder="01a", findings=("one", "two")))
    assert error.code is code
    assert isinstance(error, NotReady) == (status == 503)
    assert error.message == "Why (operation 01a)\n  one\n  two"


def test_options_of_the_program_may_stand_anywhere() -> None:
    assert hoisted(["drain", "sbc", "--json", "--server", "x", "--within", "5"]) == [
        *("--json", "--server", "x"),
        *("drain", "sbc", "--within", "5"),
    ]
    assert hoisted(["calls", "--user=eve", "--", "--json"]) == ["--user=eve", "calls", "--", "--json"]
    assert hoisted(["elements", "--server"]) == ["--server", "elements"]


def test_the_password_of_the_first_start_is_never_sent_to_another_machine(tmp_path: Path) -> None:
    data = tmp_path
    (data / "admin-password").write_text("secret\n")
    assert find_target(Wanted(data=data), {}).password == "secret"
    assert find_target(Wanted("https://pbx.example", data=data), {}).password == ""
    assert find_target(Wanted(user="eve", data=data), {}).password == ""
    assert find_target(Wanted(data=data), {"BUSYOUT_PASSWORD": "other"}).password == "other"
    assert "secret" not in repr(find_target(Wanted(data=data), {}))


@pytest.mark.parametrize("server", ["ftp://x", "http://", "http://x/path", "http://x?y"])
def test_a_server_is_named_by_a_url_without_a_path(server: str) -> None:
    with pytest.raises(CommandError) as refused:
        find_target(Wanted(server), {})
    assert refused.value.code is Exit.USAGE
