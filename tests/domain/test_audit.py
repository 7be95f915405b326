"""The audit chain shows every change."""

from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from busyout.domain.audit import GENESIS, AuditEntry, AuditRecord, chain, first_broken
from busyout.domain.commands import Drain, Restart
from busyout.domain.configuration.tables import Tables, TrunkSet
from busyout.domain.drain import Within
from busyout.domain.element import Element
from busyout.domain.operation import Requests

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
records = st.builds(
    AuditRecord,
    at=st.floats(0, 4e9),
    actor=st.text(max_size=5),
    face=st.just("native"),
    address=st.just("127.0.0.1"),
    action=st.text(max_size=5),
    subject=st.text(max_size=5),
    before=plain,
    after=plain,
)


def linked(*said: AuditRecord) -> tuple[AuditEntry, ...]:
    entries: list[AuditEntry] = []
    for number, record in enumerate(said, start=1):
        previous = entries[-1].hash if entries else GENESIS
        entries.append(AuditEntry(number, record, chain(previous, record)))
    return tuple(entries)


@given(st.lists(records, max_size=5))
def test_an_untouched_chain_holds(said: list[AuditRecord]):
    assert first_broken(linked(*said), after=None) is None


@given(st.lists(records, min_size=1, max_size=5), st.data())
def test_a_changed_record_is_found(said: list[AuditRecord], data: st.DataObject):
    entries = list(linked(*said))
    at = data.draw(st.integers(0, len(entries) - 1))
    entries[at] = replace(entries[at], record=replace(entries[at].record, actor=entries[at].record.actor + "x"))
    assert first_broken(tuple(entries), after=None) == entries[at]


@given(st.lists(records, min_size=2, max_size=5), st.data())
def test_a_removed_record_is_found(said: list[AuditRecord], data: st.DataObject):
    entries = linked(*said)
    at = data.draw(st.integers(0, len(entries) - 2))
    assert first_broken(entries[:at] + entries[at + 1 :], after=None) == entries[at + 1]


@given(st.lists(records, min_size=1, max_size=5), st.data(), st.integers(-2, 8))
def test_a_renumbered_record_is_found(said: list[AuditRecord], data: st.DataObject, number: int):
    entries = list(linked(*said))
    at = data.draw(st.integers(0, len(entries) - 1))
    assume(number != at + 1)
    entries[at] = replace(entries[at], id=number)
    assert first_broken(tuple(entries), after=None) == entries[at]


@given(records)
def test_a_record_has_the_same_hash_after_it_was_stored(record: AuditRecord):
    stored = msgspec.json.decode(msgspec.json.encode(record), type=AuditRecord)
    assert chain(GENESIS, stored) == chain(GENESIS, record)


VALUES: list[Any] = [
    Drain(Within(60)),
    Restart(save=False),
    Element(name="sbc", kind="sbc", driver="proxy", options={"b": "1", "a": "2"}),
    Tables(trunk_set=(TrunkSet(0, "carrier", keep_alive_interval=60.0),)),
    Requests(cancel=True, extended=30.0),
    {"enabled": False},
    ["b", "a"],
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_typed_value_has_the_same_hash_after_it_was_stored(value: Any):
    record = AuditRecord(1.5, "admin", "native", "", "do", "sbc", before=value, after=value)
    stored = msgspec.json.decode(msgspec.json.encode(record), type=AuditRecord)
    assert chain(GENESIS, stored) == chain(GENESIS, record)


def test_a_chain_can_be_checked_from_the_middle():
    entries = linked(*(AuditRecord(n, "a", "f", "", "do", "x") for n in range(5)))
    assert first_broken(entries[3:], after=entries[2]) is None
    assert first_broken(entries[3:], after=None) == entries[3]
    assert first_broken(entries[3:], after=replace(entries[2], id=2)) == entries[3]
