"""Names and usage of elements, levels of operators, operations, messages of errors, shapes of commands."""

import inspect

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain import errors
from busyout.domain.alarm import Severity
from busyout.domain.commands import Command, Commit, Configure, Drain, Restart, Restore, TakeOver
from busyout.domain.configuration.tables import Tables
from busyout.domain.context import errors as context_errors
from busyout.domain.drain import AtDeadline, Immediately, UntilIdle, Within
from busyout.domain.element import Element, admits, usage_of, valid_name
from busyout.domain.errors import BusyoutError, ElementBusy, Failure, InvalidConfiguration, NotPermitted, Refusal
from busyout.domain.mode import Mode
from busyout.domain.operation import SETTLED, Operation, OperationState, Step, StepState
from busyout.domain.operator import LEVELS, Caller, Level, level_for, require
from busyout.domain.states import AdministrativeState, UsageState
from busyout.domain.traffic import Load


@pytest.mark.parametrize("name", ["sbc", "a", "9", "sbc-1.west_2", "A" * 64])
def test_a_usual_name_is_valid(name: str):
    assert valid_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "-a", "_a", "a/b", "a b", "a\n", "ä", "٣", "A" * 65, "a\x00"])
def test_a_strange_name_is_not(name: str):
    assert not valid_name(name)


@given(st.text())
def test_a_valid_name_is_safe_in_a_path_and_in_a_url(name: str):
    if valid_name(name):
        assert name.isascii()
        assert not set(name) & set("/\\%?#&:; \"'<>")
        assert not name.startswith(".")


@pytest.mark.parametrize(
    ("load", "usage"),
    [
        (None, UsageState.IDLE),
        (Load(0, 0, 0), UsageState.IDLE),
        (Load(0, 0, None), UsageState.IDLE),
        (Load(0, 0, 1), UsageState.ACTIVE),
        (Load(1, 0, 0), UsageState.ACTIVE),
        (Load(1, 0, 0, capacity=2), UsageState.ACTIVE),
        (Load(1, 1, 1, capacity=2), UsageState.BUSY),
        (Load(5, 0, 0, capacity=2), UsageState.BUSY),
    ],
)
def test_usage(load: Load | None, usage: UsageState):
    assert usage_of(load) is usage


@pytest.mark.parametrize("state", AdministrativeState)
def test_only_an_unlocked_element_admits_calls(state: AdministrativeState):
    element = Element(name="sbc", kind="sbc", driver="simulated", administrative=state)
    assert admits(element) is (state is AdministrativeState.UNLOCKED)


COMMANDS: list[tuple[bytes, Command]] = [
    (b'{"type":"drain"}', Drain()),
    (b'{"type":"drain","policy":{"type":"until_idle"}}', Drain(UntilIdle())),
    (b'{"type":"drain","policy":{"type":"within","seconds":60}}', Drain(Within(60))),
    (b'{"type":"drain","at_deadline":"abort"}', Drain(at_deadline=AtDeadline.ABORT)),
    (b'{"type":"restart","policy":{"type":"immediately"},"save":false}', Restart(Immediately(), save=False)),
    (b'{"type":"restore"}', Restore()),
    (b'{"type":"commit"}', Commit()),
    (b'{"type":"configure","tables":{}}', Configure(Tables())),
    (b'{"type":"take_over"}', TakeOver()),
]


@pytest.mark.parametrize(("body", "command"), COMMANDS)
def test_a_command_is_read_as_it_is_written(body: bytes, command: Command):
    assert msgspec.json.decode(body, type=Command) == command
    assert msgspec.json.decode(msgspec.json.encode(command), type=Command) == command


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"type":"explode"}',
        b'{"type":"drain","colour":1}',
        b'{"type":"drain","policy":60}',
        b'{"type":"drain","policy":{"type":"within"}}',
        b'{"type":"drain","policy":{"type":"within","seconds":"60"}}',
        b'{"type":"drain","at_deadline":"hope"}',
        b'{"type":"configure"}',
    ],
)
def test_what_is_no_command_is_not_read(body: bytes):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Command)


def test_each_level_includes_the_ones_below():
    for has in Level:
        caller = Caller("somebody", has, "native", "")
        for needed in Level:
            if has >= needed:
                require(caller, needed)
            else:
                with pytest.raises(NotPermitted, match=f"needs level {needed.word}; somebody has {has.word}"):
                    require(caller, needed)


def test_levels_are_found_by_the_words_of_the_settings():
    assert set(LEVELS) == {"monitor", "administrator", "security-administrator"}
    assert LEVELS["monitor"] < LEVELS["administrator"] < LEVELS["security-administrator"]


@pytest.mark.parametrize("command", [command for _, command in COMMANDS], ids=lambda command: type(command).__name__)
def test_no_command_is_for_those_who_only_watch(command: Command):
    assert level_for(command) > Level.MONITOR


def operation(state: OperationState, *steps: StepState) -> Operation:
    return Operation(
        id="1",
        element="sbc",
        lane="service",
        command=Commit(),
        state=state,
        steps=tuple(Step("step", step) for step in steps),
        actor="admin",
        face="native",
        created_at=0,
    )


def test_an_operation_is_settled_in_settled_states_only():
    assert {state for state in OperationState if operation(state).settled} == SETTLED


@pytest.mark.parametrize(
    ("steps", "current"),
    [
        ((), None),
        ((StepState.WAITING,), None),
        ((StepState.DONE, StepState.RUNNING, StepState.WAITING), 1),
        ((StepState.UNDOING, StepState.FAILED), 0),
        ((StepState.DONE, StepState.DONE), None),
    ],
)
def test_the_current_step_is_the_one_in_progress(steps: tuple[StepState, ...], current: int | None):
    assert operation(OperationState.RUNNING, *steps).current == current


ERRORS = [
    error
    for module in (errors, context_errors)
    for _, error in inspect.getmembers(module, inspect.isclass)
    if issubclass(error, BusyoutError)
]

WORDED = (InvalidConfiguration, errors.PartlyEnded, context_errors.ModeNotAllowed)
"""Those whose message says what they were given."""


@pytest.mark.parametrize(
    "error",
    [
        error
        for error in ERRORS
        if error not in (InvalidConfiguration, errors.PartlyEnded, context_errors.ModeNotAllowed)
    ],
)
def test_every_error_has_a_sentence_to_say(error: type[BusyoutError]):
    text = str(error())
    assert text[0].isupper() or text[0] in "'\""
    assert text.endswith(".")
    assert "\n" not in text
    assert error("something else").message == str(error("something else")) == "something else"


@pytest.mark.parametrize("mode", Mode)
def test_a_method_that_a_mode_does_not_have_is_refused_with_the_name_of_the_mode(mode: Mode):
    assert str(context_errors.ModeNotAllowed(mode)).endswith(f'while the system is in "{mode.value}" mode')


def test_every_error_is_either_a_refusal_or_a_failure():
    for error in ERRORS:
        if error not in (BusyoutError, Refusal, Failure):
            assert issubclass(error, Refusal) != issubclass(error, Failure)


def test_findings_are_said_one_after_the_other():
    assert str(InvalidConfiguration(("one", "two"))) == "one; two"
    assert str(InvalidConfiguration(())) == "The configuration is not acceptable."


def test_a_busy_element_names_its_holder():
    assert ElementBusy(holder="42").holder == "42"
    assert ElementBusy().holder is None


def test_severities_are_those_of_the_standard():
    assert [severity.value for severity in Severity] == [
        "cleared",
        "indeterminate",
        "warning",
        "minor",
        "major",
        "critical",
    ]
