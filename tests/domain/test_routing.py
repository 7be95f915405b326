"""Where calls come from and where they go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from busyout.domain.configuration.routing import CallRequest, candidates, classify, destination, matches, tag_of
from busyout.domain.configuration.tables import Classification, DialPlanRule, Peer, Route, Tables, Trunk, TrunkSet

CALL = CallRequest("192.0.2.7", 5060, "alice", "office.example", "+4930123", "pstn.example")

TABLES = Tables(
    trunk_set=(TrunkSet(0, "carrier"), TrunkSet(1, "backup")),
    trunk=(
        Trunk(0, "carrier", "192.0.2.10", 5080, priority=2),
        Trunk(1, "carrier", "192.0.2.11", 5080, priority=1),
        Trunk(2, "carrier", "192.0.2.12", 5080, priority=1, enabled=False),
        Trunk(3, "backup", "192.0.2.13", 5080),
        Trunk(4, "carrier", "192.0.2.14", 5080, priority=1),
    ),
    peer=(Peer(0, "office"), Peer(1, "carrier", "carrier"), Peer(2, "backup", "backup"), Peer(3, "strangers")),
    classification=(
        Classification(9, "everybody", "strangers"),
        Classification(1, "office", "office", source_address="192.0.2.*", source_host="office.example"),
        Classification(0, "barred", "office", source_user="mallory", allow=False),
    ),
    route=(
        Route(8, "else", "backup"),
        Route(1, "germany", "carrier", source_peer="office", tag="germany"),
        Route(2, "emergency", "carrier", destination_user="112"),
    ),
    dial_plan=(
        DialPlanRule(0, "plan", "+", "abroad"),
        DialPlanRule(1, "plan", "+49", "germany"),
        DialPlanRule(2, "plan", "+4989", "munich"),
    ),
)


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("", "anything", True),
        ("*", "", True),
        ("+49*", "+4930", True),
        ("+49*", "+49", True),
        ("+49*", "+48", False),
        ("112", "112", True),
        ("112", "1123", False),
        ("a*b", "axb", False),
        ("a*b", "a*b", True),
        ("[0-9]*", "5", False),
    ],
)
def test_patterns(pattern: str, value: str, fits: bool):
    assert matches(pattern, value) is fits


@given(st.text(), st.text())
def test_a_prefix_with_a_star_fits_what_begins_with_it(prefix: str, rest: str):
    assert matches(prefix + "*", prefix + rest)


def name(peer: Peer | None) -> str | None:
    return None if peer is None else peer.name


@pytest.mark.parametrize(
    ("change", "peer"),
    [
        ({}, "office"),
        ({"source_user": "mallory"}, None),
        ({"source_host": "elsewhere.example"}, "strangers"),
        ({"source_address": "192.0.2.10", "source_port": 5080}, "carrier"),
        ({"source_address": "192.0.2.10", "source_port": 5081}, "office"),
        ({"source_address": "192.0.2.13", "source_port": 5080, "source_user": "mallory"}, "backup"),
        ({"source_address": "203.0.113.1", "source_host": "office.example"}, "strangers"),
    ],
    ids=str,
)
def test_where_a_call_comes_from(change: dict[str, object], peer: str | None):
    assert name(classify(TABLES, replace(CALL, **change))) == peer


def test_a_call_that_nothing_matches_comes_from_nobody():
    assert classify(replace(TABLES, classification=()), CALL) is None


@pytest.mark.parametrize(
    ("source", "change", "peer"),
    [
        ("office", {}, "carrier"),
        ("strangers", {}, "backup"),
        ("strangers", {"destination_user": "112"}, "carrier"),
        ("office", {"destination_user": "+498912"}, "backup"),
        ("office", {"destination_user": "+4412"}, "backup"),
    ],
    ids=str,
)
def test_where_a_call_goes(source: str, change: dict[str, object], peer: str):
    assert name(destination(TABLES, Peer(0, source), replace(CALL, **change))) == peer


def test_a_call_without_a_route_goes_nowhere():
    assert destination(replace(TABLES, route=TABLES.route[1:]), Peer(0, "strangers"), CALL) is None


@pytest.mark.parametrize(
    ("number", "tag"), [("+4930", "germany"), ("+498912", "munich"), ("+44", "abroad"), ("110", ""), ("", "")]
)
def test_the_longest_prefix_gives_the_tag(number: str, tag: str):
    assert tag_of(TABLES, number) == tag


def test_trunks_are_tried_by_priority_and_then_by_index():
    assert [trunk.index for trunk in candidates(TABLES, TABLES.peer[1])] == [1, 4, 0]
    assert candidates(TABLES, TABLES.peer[0]) == ()
