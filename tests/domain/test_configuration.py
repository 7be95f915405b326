"""What can be wrong with a configuration, and what its digest tells."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from busyout.domain.configuration.check import MAX_NAME, MAX_ROWS, check
from busyout.domain.configuration.tables import (
    TABLE_NAMES,
    Classification,
    DialPlanRule,
    Interface,
    Opaque,
    Peer,
    Route,
    Tables,
    Trunk,
    TrunkSet,
    changed_tables,
    digest,
)

GOOD = Tables(
    interface=(Interface(0, "main", "127.0.0.1", 5060), Interface(1, "other", "127.0.0.1", 5062)),
    trunk_set=(TrunkSet(0, "carrier", keep_alive=True),),
    trunk=(Trunk(0, "carrier", "127.0.0.1", 5080), Trunk(1, "carrier", "127.0.0.1", 5081)),
    peer=(Peer(0, "callers"), Peer(1, "carrier", "carrier")),
    classification=(Classification(0, "any", "callers"),),
    route=(Route(0, "all", "carrier", source_peer="callers"),),
    dial_plan=(DialPlanRule(0, "plan", "+49", "germany"),),
    opaque=(Opaque(0, "TLSContexts", "word for word\n" * 100),),
)


def test_a_good_configuration_has_no_findings():
    assert check(GOOD) == ()
    assert check(Tables()) == ()


FINDINGS = [
    ({"interface": (Interface(-1, "a", "127.0.0.1", 5060),)}, "interface -1: an index is between 0 and 1000000"),
    (
        {"interface": (Interface(0, "a", "127.0.0.1", 1), Interface(0, "b", "127.0.0.1", 2))},
        "interface 0: index 0 is there twice",
    ),
    (
        {"interface": (Interface(0, "a", "127.0.0.1", 1), Interface(1, "a", "127.0.0.1", 2))},
        "interface 1: name a is there twice",
    ),
    (
        {"interface": (Interface(0, "a", "127.0.0.1", 1), Interface(1, "b", "127.0.0.1", 1))},
        "interface 1: 127.0.0.1:1 is there twice",
    ),
    ({"interface": (Interface(0, "", "127.0.0.1", 1),)}, "interface 0: name is empty"),
    ({"interface": (Interface(0, "a", "localhost", 1),)}, "interface 0: 'localhost' is not an IPv4 address"),
    ({"interface": (Interface(0, "a", "::1", 1),)}, "interface 0: '::1' is not an IPv4 address"),
    ({"interface": (Interface(0, "a", "127.0.0.1", 0),)}, "interface 0: port 0 is not between 1 and 65535"),
    ({"interface": (Interface(0, "a", "127.0.0.1", 65536),)}, "interface 0: port 65536 is not between 1 and 65535"),
    (
        {"interface": (Interface(0, "a" * (MAX_NAME + 1), "127.0.0.1", 1),)},
        "interface 0: name is longer than 128 characters or not printable",
    ),
    (
        {"route": (Route(0, "a\r\nb", "carrier"),)},
        "route 0: name is longer than 128 characters or not printable",
    ),
    (
        {"trunk_set": (TrunkSet(0, "carrier", balancing="best"),)},
        "trunk_set 0: balancing is one of off, round_robin, weights",
    ),
    (
        {"trunk_set": (TrunkSet(0, "carrier", keep_alive_interval=0.05),)},
        "trunk_set 0: keep_alive_interval is between 0.1 and 2000000 seconds",
    ),
    (
        {"trunk_set": (TrunkSet(0, "carrier", keep_alive_interval=float("nan")),)},
        "trunk_set 0: keep_alive_interval is between 0.1 and 2000000 seconds",
    ),
    (
        {"trunk_set": (TrunkSet(0, "carrier", failure_threshold=0),)},
        "trunk_set 0: failure_threshold is between 1 and 100",
    ),
    (
        {"trunk_set": (TrunkSet(0, "carrier"), TrunkSet(1, "carrier"))},
        "trunk_set 1: name carrier is there twice",
    ),
    ({"trunk": (Trunk(0, "nowhere", "127.0.0.1"),)}, "trunk 0: there is no trunk_set 'nowhere'"),
    ({"trunk": (Trunk(0, "carrier", "300.0.0.1"),)}, "trunk 0: '300.0.0.1' is not an IPv4 address"),
    (
        {"trunk": (Trunk(0, "carrier", "127.0.0.1", weight=0),)},
        "trunk 0: weight is between 1 and 65535, priority between 0 and 65535",
    ),
    (
        {"trunk": (Trunk(0, "carrier", "127.0.0.1", priority=-1),)},
        "trunk 0: weight is between 1 and 65535, priority between 0 and 65535",
    ),
    (
        {"trunk": (Trunk(0, "carrier", "127.0.0.1", weight=65_536),)},
        "trunk 0: weight is between 1 and 65535, priority between 0 and 65535",
    ),
    (
        {"trunk": (Trunk(0, "carrier", "127.0.0.1", priority=65_536),)},
        "trunk 0: weight is between 1 and 65535, priority between 0 and 65535",
    ),
    ({"peer": (*GOOD.peer, Peer(1_000_001, "third"))}, "peer 1000001: an index is between 0 and 1000000"),
    (
        {"peer": (*GOOD.peer, Peer(2, "third", "nowhere"))},
        "peer 2: there is no trunk_set 'nowhere'",
    ),
    ({"peer": (*GOOD.peer, Peer(2, "callers"))}, "peer 2: name callers is there twice"),
    ({"classification": (Classification(4, "x", "nobody"),)}, "classification 4: there is no peer 'nobody'"),
    ({"route": (Route(5, "x", "nobody"),)}, "route 5: there is no peer 'nobody'"),
    ({"route": (Route(5, "x", "carrier", "nobody"),)}, "route 5: there is no peer 'nobody'"),
    (
        {"dial_plan": tuple(DialPlanRule(n, "plan", str(n), "t") for n in range(MAX_ROWS + 1))},
        "dial_plan has 10001 rows; at most 10000 are allowed",
    ),
]


@pytest.mark.parametrize(("change", "finding"), FINDINGS, ids=[finding for _, finding in FINDINGS])
def test_finding(change: dict[str, object], finding: str):
    assert check(replace(GOOD, **change)) == (finding,)


def test_every_finding_is_told_at_once():
    wrong = replace(GOOD, trunk=(Trunk(0, "x", "y", port=0),), route=(Route(0, "", "z"),))
    assert len(check(wrong)) == 4


def test_text_kept_word_for_word_is_not_judged():
    assert check(Tables(opaque=(Opaque(0, "X", "\x07" * 100_000),))) == ()


def test_text_with_a_nul_is_refused_because_not_every_store_can_keep_it():
    assert check(Tables(opaque=(Opaque(0, "X", "a\x00b"),))) == ("opaque 0: text has a NUL character",)


def test_a_full_table_is_acceptable():
    assert check(Tables(dial_plan=tuple(DialPlanRule(n, "p", str(n), "t") for n in range(MAX_ROWS)))) == ()


names = st.text(max_size=5)
some_tables = st.builds(
    Tables,
    interface=st.lists(st.builds(Interface, st.integers(-1, 3), names, names, st.integers(-1, 70_000)), max_size=3).map(
        tuple
    ),
    trunk_set=st.lists(
        st.builds(TrunkSet, st.integers(0, 3), names, st.booleans(), st.floats(allow_nan=False)), max_size=3
    ).map(tuple),
    trunk=st.lists(st.builds(Trunk, st.integers(0, 3), names, names), max_size=3).map(tuple),
    peer=st.lists(st.builds(Peer, st.integers(0, 3), names, names), max_size=3).map(tuple),
    route=st.lists(st.builds(Route, st.integers(0, 3), names, names), max_size=3).map(tuple),
)


@given(some_tables)
def test_check_answers_whatever_it_is_given(tables: Tables):
    findings = check(tables)
    assert all(isinstance(finding, str) and finding for finding in findings)


finite = some_tables.filter(lambda tables: all(abs(row.keep_alive_interval) < 1e300 for row in tables.trunk_set))


@given(finite)
def test_a_digest_survives_being_stored(tables: Tables):
    stored = msgspec.json.decode(msgspec.json.encode(tables), type=Tables)
    assert stored == tables
    assert digest(stored) == digest(tables)


@given(finite, finite)
def test_digests_are_equal_exactly_when_the_tables_are(one: Tables, other: Tables):
    assert (digest(one) == digest(other)) is (one == other)


def test_a_number_written_without_a_fraction_has_the_same_digest():
    whole = Tables(trunk_set=(TrunkSet(0, "carrier", keep_alive_interval=60),))
    assert whole == Tables(trunk_set=(TrunkSet(0, "carrier", keep_alive_interval=60.0),))
    assert digest(whole) == digest(Tables(trunk_set=(TrunkSet(0, "carrier", keep_alive_interval=60.0),)))


@pytest.mark.parametrize("table", TABLE_NAMES)
def test_a_changed_table_is_named(table: str):
    emptied = replace(GOOD, **{table: ()})
    assert changed_tables(GOOD, emptied) == (table,)
    assert changed_tables(GOOD, GOOD) == ()


@pytest.mark.parametrize(
    "body",
    [
        b'{"colour": []}',
        b'{"interface": [{"index": 0, "name": "a", "address": "127.0.0.1", "port": 1, "colour": 1}]}',
        b'{"interface": [{"index": "0", "name": "a", "address": "127.0.0.1", "port": 1}]}',
        b'{"interface": [{"name": "a"}]}',
        b'{"trunk_set": [{"index": 0, "name": "a", "keep_alive": "yes"}]}',
    ],
)
def test_tables_with_unknown_or_wrong_fields_are_not_read(body: bytes):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Tables)
