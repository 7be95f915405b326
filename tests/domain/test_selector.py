"""Selectors find what they say, and refuse what they do not know."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.errors import InvalidValue
from busyout.domain.selector import Query, read_query, read_selector, shown, sort_key

PHONE: dict[str, Any] = {
    "id": "p1",
    "mac": "00:11:22:33:44:55",
    "lines": 4,
    "ratio": 1.0,
    "configured": True,
    "nothing": None,
    "sip": {"proxy": {"ip": "10.0.0.1"}},
    "keys": [{"type": "blf", "line": 1}, {"type": "park", "line": 2}, "x"],
    "tags": ["lobby", 7],
}

FOUND = [
    {},
    {"mac": "00:11:22:33:44:55"},
    {"lines": 4},
    {"lines": 4.0},
    {"ratio": 1},
    {"nothing": None},
    {"configured": True},
    {"sip.proxy.ip": "10.0.0.1"},
    {"sip": {"proxy": {"ip": "10.0.0.1"}}},
    {"keys.type": "park"},
    {"keys.line": {"$gt": 1}},
    {"tags": ["lobby", 7]},
    {"tags": {"$contains": "lobby"}},
    {"mac": {"$contains": "00"}},
    {"sip": {"$contains": "proxy"}},
    {"lines": {"$in": [1, 4]}},
    {"lines": {"$nin": [1, 2]}},
    {"gone": {"$nin": [1, 2]}},
    {"lines": {"$ne": 5}},
    {"gone": {"$ne": 5}},
    {"gone": {"$exists": False}},
    {"nothing": {"$exists": True}},
    {"lines": {"$gt": 3, "$lt": 5}},
    {"lines": {"$gte": 4, "$lte": 4}},
    {"lines": {"$ge": 4, "$le": 4}},
    {"mac": {"$gt": "00", "$lt": "01"}},
    {"configured": {"$in": [True]}},
]

NOT_FOUND = [
    {"mac": "00:11:22:33:44:56"},
    {"configured": 1},
    {"lines": "4"},
    {"lines": {"$in": []}},
    {"ratio": {"$in": [True]}},
    {"gone": None},
    {"gone": {"$in": [None]}},
    {"gone": {"$lt": 5}},
    {"sip.proxy": "10.0.0.1"},
    {"sip.proxy.ip.x": "10.0.0.1"},
    {"keys.type": {"$nin": ["park", "blf"]}},
    {"keys.type": {"$ne": "park"}},
    {"lines": {"$gt": 4}},
    {"lines": {"$lt": "5"}},
    {"mac": {"$gt": 0}},
    {"configured": {"$gte": 0}},
    {"nothing": {"$lt": 5}},
    {"mac": {"$contains": "zz"}},
    {"mac": {"$contains": 0}},
    {"lines": {"$contains": 4}},
    {"lines": 4, "mac": "x"},
    {"sip": {}},
]

REFUSED = [
    [],
    "mac",
    1,
    None,
    True,
    {"mac": {"$regex": ".*"}},
    {"mac": {"$where": "1"}},
    {"mac": {"$in": ["a"], "plain": 1}},
    {"mac": {"$in": "a"}},
    {"mac": {"$nin": {"a": 1}}},
    {"mac": {"$in": ["a"] * 1001}},
    {"mac": {"$gt": None}},
    {"mac": {"$lte": [1]}},
    {"mac": {"$lt": True}},
    {"mac": {"$exists": "yes"}},
    {"a.b.c.d.e.f.g.h.i": 1},
    {"a" * 1025: 1},
    {f"k{n}": 1 for n in range(33)},
    {"mac": "nul\0"},
    {"mac": "\ud800"},
    {"n": 2**64},
    {"n": float("inf")},
    json.loads("[" * 40 + "]" * 40),
    {"n": json.loads("[" * 40 + "]" * 40)},
    {"n": json.loads('{"a":' * 40 + "1" + "}" * 40)},
]


@pytest.mark.parametrize("selector", FOUND, ids=str)
def test_a_selector_finds_what_meets_it(selector) -> None:
    assert read_selector(selector).matches(PHONE)


@pytest.mark.parametrize("selector", NOT_FOUND, ids=str)
def test_a_selector_leaves_out_what_does_not_meet_it(selector) -> None:
    assert not read_selector(selector).matches(PHONE)


@pytest.mark.parametrize("selector", REFUSED, ids=lambda selector: str(selector)[:40].encode("ascii", "replace"))
def test_what_is_no_selector_is_refused(selector) -> None:
    with pytest.raises(InvalidValue):
        read_selector(selector)


NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b"]) | st.sampled_from([0.5, 1.0])
DOCUMENTS = st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, max_size=2), max_size=3)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))


@given(document=DOCUMENTS, name=NAMES, value=SCALARS)
def test_ne_and_nin_are_the_opposites_of_equality_and_in(document, name: str, value) -> None:
    equal = read_selector({name: value}).matches(document)
    assert read_selector({name: {"$ne": value}}).matches(document) is not equal
    assert read_selector({name: {"$in": [value]}}).matches(document) is equal
    assert read_selector({name: {"$nin": [value]}}).matches(document) is not equal


@given(document=DOCUMENTS, name=NAMES, value=st.integers(-3, 3) | st.sampled_from(["", "a", "b"]))
def test_what_can_be_compared_is_below_equal_or_above(document, name: str, value) -> None:
    met = [read_selector({name: asked}).matches(document) for asked in ({"$lt": value}, value, {"$gt": value})]
    assert sum(met) <= 1
    assert read_selector({name: {"$lte": value}}).matches(document) is (met[0] or met[1])
    assert read_selector({name: {"$gte": value}}).matches(document) is (met[1] or met[2])


@given(document=st.dictionaries(NAMES, JSON, max_size=3), selector=st.dictionaries(NAMES, JSON, max_size=3))
def test_no_document_breaks_a_selector(document, selector) -> None:
    matched = read_selector(selector).matches(document)
    assert matched is all(name in document and same(document[name], value) for name, value in selector.items())


def same(one: object, other: object) -> bool:
    """Equality of JSON, told in another way than the selector does."""
    return shape(one) == shape(other)


def shape(value: object) -> object:
    if isinstance(value, bool):
        return f"truth {value}"
    if isinstance(value, int | float):
        return f"number {float(value)}"
    if isinstance(value, list):
        return [shape(item) for item in value]
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return value if value is None else f"text {value}"


@given(selector=JSON | st.dictionaries(st.text(max_size=4) | st.sampled_from(["$in", "$ne", "$gt", "$or"]), JSON))
def test_whatever_is_asked_is_a_selector_or_refused(selector) -> None:
    with contextlib.suppress(InvalidValue):
        read_selector({"a": selector}).matches({"a": selector})


def test_only_texts_at_the_top_are_looked_up_in_an_index() -> None:
    selector = read_selector({"mac": "m", "ip": {"$in": ["1"]}, "plugin": None, "config": "", "sip.mac": "x", "id": 1})
    assert selector.equalities(("id", "mac", "ip", "plugin", "config")) == {"mac": "m"}


def test_fields_are_shown_nested_as_they_are_and_the_id_always() -> None:
    fields = read_query(fields=["mac", "sip.proxy", "gone", "mac.x", "lines.y", ""]).fields
    assert shown(PHONE, fields) == {"id": "p1", "mac": PHONE["mac"], "sip": {"proxy": {"ip": "10.0.0.1"}}}
    assert shown(PHONE, ()) == PHONE
    both = read_query(fields=["sip.proxy.ip", "sip.gone"]).fields
    assert shown(PHONE, both) == {"id": "p1", "sip": {"proxy": {"ip": "10.0.0.1"}}}
    assert PHONE["sip"] == {"proxy": {"ip": "10.0.0.1"}}


@given(st.lists(DOCUMENTS, max_size=8))
def test_documents_of_any_shape_can_be_sorted(documents) -> None:
    ordered = sorted(documents, key=lambda document: sort_key(document, ("a",)))
    first = [document for document in ordered if document.get("a") is None]
    assert ordered[: len(first)] == first


@pytest.mark.parametrize(
    "asked", [{"window": (-1, None)}, {"window": (0, -1)}, {"fields": ["a"] * 33}, {"sort": "a." * 9}]
)
def test_a_query_out_of_its_bounds_is_refused(asked) -> None:
    with pytest.raises(InvalidValue):
        read_query(**asked)


def test_a_limit_of_zero_is_none() -> None:
    assert read_query(window=(3, 0)) == Query(skip=3, selector=read_query().selector)
