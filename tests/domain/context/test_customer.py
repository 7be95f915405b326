"""Customers: what is said of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.customer import (
    RANDOM,
    Profile,
    check_complete,
    customer_id,
    profile_of,
)
from busyout.domain.context.schema import Extension, Kind, Schemas, Subject
from busyout.domain.errors import InvalidValue

CORE = (Attribute("FirstName", AttributeType.STRING), Attribute("Phone", AttributeType.STRING))
NUMBER = Attribute("Number", AttributeType.INTEGER)
ORDERS = Extension(1, Subject.PROFILE, "Orders", Kind.MULTI_VALUED, (NUMBER,), (("Number",),))
ADDRESS = Extension(2, Subject.PROFILE, "Address", Kind.SINGLE_VALUED, (NUMBER,), required=True)
NOTES = Extension(3, Subject.SERVICE, "Notes", Kind.SINGLE_VALUED, (NUMBER,))
SCHEMAS = Schemas(CORE, (ORDERS, ADDRESS, NOTES))


def test_attributes_and_extensions_are_siblings_in_whatever_case() -> None:
    document = {"FIRSTNAME": "Ann", "phone": ["1", "2"], "orders": [{"number": 3}], "Address": {"Number": 4}}
    profile = profile_of(SCHEMAS, document)
    assert profile == Profile({"FirstName": "Ann", "Phone": ["1", "2"]}, {1: ({"Number": 3},), 2: ({"Number": 4},)})


def test_what_is_null_is_not_there_and_an_extension_that_is_null_has_no_records() -> None:
    assert profile_of(SCHEMAS, {"FirstName": None, "Orders": None}) == Profile({}, {1: ()})


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ({"Colour": "red"}, "Colour"),
        ({"Notes": {"Number": 1}}, "Notes"),
        ({"FirstName": "Ann", "firstname": "Eve"}, "FirstName"),
        ({"Orders": [], "ORDERS": []}, "Orders"),
        ({"FirstName": 1}, "FirstName"),
        ({"FirstName": []}, "FirstName"),
        ({"FirstName": ["Ann", None]}, "FirstName"),
        ({"FirstName": {}}, "FirstName"),
        ({"Orders": [{"Number": 1}, {"Number": 1}]}, "Number"),
        ({"\ud800": "x"}, "ud800"),
    ],
)
def test_what_cannot_be_is_refused_by_name(document: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidValue, match=named):
        profile_of(SCHEMAS, document)


def test_an_extension_that_is_required_is_asked_for() -> None:
    check_complete(SCHEMAS, {2: ({},)})
    for records in ({}, {2: ()}):
        with pytest.raises(InvalidValue, match="Address"):
            check_complete(SCHEMAS, records)


@given(st.tuples(*[st.floats(0, 3.5e9), st.integers(0, RANDOM - 1)] * 2))
def test_ids_are_sixteen_characters_and_sort_by_the_time(drawn: tuple[float, int, float, int]) -> None:
    first, second = customer_id(drawn[0], drawn[1]), customer_id(drawn[2], drawn[3])
    assert len(first) == 16
    assert first.isascii() and first.isalnum()
    if int(drawn[0] * 1000) < int(drawn[2] * 1000):
        assert first < second
