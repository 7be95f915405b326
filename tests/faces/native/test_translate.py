"""The shapes that are carried over whole are the same on both sides of the wire."""

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain import alarm, commands, drain, mode, operation, states, traffic
from busyout.domain.configuration import tables
from busyout.domain.context.schema import Subject
from busyout.domain.context.upkeep import Purge
from busyout.faces.native import translate
from busyout.http import MalformedRequest
from busyout.wire import native

ROWS = ("Interface", "TrunkSet", "Trunk", "Peer", "Classification", "Route", "DialPlanRule", "Opaque", "Tables")

PAIRS = [
    *((kind, getattr(native, kind.__name__)) for kind in get_args(commands.Command)),
    *((kind, getattr(native, kind.__name__)) for kind in get_args(drain.DrainPolicy)),
    *((getattr(tables, name), getattr(native, name)) for name in ROWS),
    (traffic.Load, native.Load),
    (operation.Progress, native.Progress),
    (operation.Requests, native.Requests),
    (operation.Transfer, native.Transfer),
]

WORDS = [
    (operation.OperationState, native.OperationState),
    (operation.StepState, native.StepState),
    (states.AdministrativeState, native.AdministrativeState),
    (states.OperationalState, native.OperationalState),
    (states.UsageState, native.UsageState),
    (alarm.Severity, native.Severity),
    (drain.AtDeadline, native.AtDeadline),
]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_both_sides_have_the_same_members_in_the_same_order(ours: Any, theirs: Any) -> None:
    assert ours.__struct_fields__ == theirs.__struct_fields__
    assert ours.__struct_config__.tag == theirs.__struct_config__.tag


@pytest.mark.parametrize(("ours", "theirs"), WORDS)
def test_both_sides_have_the_same_words(ours: Any, theirs: Any) -> None:
    assert {member.value for member in ours} == set(get_args(theirs))


def test_settled_means_the_same() -> None:
    assert {state.value for state in operation.SETTLED} == native.SETTLED


policies = st.one_of(
    st.just(drain.Immediately()),
    st.just(drain.UntilIdle()),
    st.floats(min_value=0.001, max_value=1e6).map(drain.Within),
)
asked = st.one_of(
    st.builds(commands.Drain, policies, st.sampled_from(drain.AtDeadline)),
    st.builds(commands.Restart, policies, st.sampled_from(drain.AtDeadline), st.booleans()),
    st.sampled_from([commands.Restore(), commands.Commit(), commands.TakeOver()]),
    st.builds(commands.InstallPackage, st.text("ab-.", min_size=1), st.text("ab-.", min_size=1)),
    st.sampled_from(
        [
            commands.UpdatePlugins(),
            commands.InstallPlugin("a"),
            commands.SynchronizeDevice("a"),
            commands.UninstallPlugin("a"),
        ]
    ),
    st.builds(commands.DeleteExtension, st.sampled_from(Subject), st.text()),
    st.builds(commands.CreateKey, st.text(), st.tuples(st.text()), st.text(), st.booleans()),
    st.builds(commands.DeleteKey, st.text()),
    st.builds(commands.PurgeServices, st.just("2026-01-01T00:00:00.000Z"), st.sampled_from(Purge)),
    st.builds(commands.SwitchMode, st.sampled_from(mode.Mode), policies),
    st.builds(commands.Configure, st.just(tables.Tables(peer=(tables.Peer(1, "a"),))), st.none() | st.text()),
)


@given(asked)
def test_a_command_is_the_same_on_the_way_there_and_back(command: commands.Command) -> None:
    sent = msgspec.json.encode(command)
    assert translate.command(msgspec.json.decode(sent, type=native.Command)) == command


@pytest.mark.parametrize(("header", "digest"), [(None, None), ("*", None), (' "abc" ', "abc")])
def test_if_match_names_a_digest_or_nothing(header: str | None, digest: str | None) -> None:
    assert translate.expected(header) == digest


@pytest.mark.parametrize("header", ["abc", '""', '"', 'W/"abc"', '"a", "b"', '"a"b"', ""])
def test_an_if_match_that_is_no_strong_tag_is_refused(header: str) -> None:
    with pytest.raises(MalformedRequest):
        translate.expected(header)


@pytest.mark.parametrize(
    ("header", "same"),
    [(None, False), ("", False), ('"x"', False), ('"x", W/"abc"', True), ('"abc"', True), ("*", True)],
)
def test_if_none_match_may_name_several(header: str | None, same: bool) -> None:
    assert translate.matches(header, "abc") is same
