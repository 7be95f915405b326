"""Records of extensions: their shape, their attributes, and what tells them apart."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.errors import NoSuchRecord
from busyout.domain.context.records import MAX_RECORDS, MAX_SIZE, checked_records, place_of
from busyout.domain.context.schema import Extension, Kind, Subject
from busyout.domain.errors import InvalidValue

ATTRIBUTES = (
    Attribute("Number", AttributeType.INTEGER, mandatory=True),
    Attribute("Shop", AttributeType.STRING, default="here"),
    Attribute("Note", AttributeType.STRING),
)
ORDERS = Extension(1, Subject.PROFILE, "Orders", Kind.MULTI_VALUED, ATTRIBUTES, (("Number", "Shop"), ("Note",)))
ADDRESS = Extension(2, Subject.PROFILE, "Address", Kind.SINGLE_VALUED, ATTRIBUTES)
VIP = Extension(3, Subject.PROFILE, "Vip", Kind.CLASSIFIER, ())


def test_defaults_are_filled_in_and_names_are_spelt_as_they_are_defined() -> None:
    assert checked_records(ORDERS, [{"number": 1, "NOTE": None}]) == ({"Number": 1, "Shop": "here"},)
    assert checked_records(ADDRESS, {"NUMBER": 1, "shop": "there"}) == ({"Number": 1, "Shop": "there"},)
    assert checked_records(VIP, {}) == ({},)
    assert checked_records(ORDERS, []) == ()


@pytest.mark.parametrize(
    ("extension", "value", "told"),
    [
        (ORDERS, {"Number": 1}, "Orders"),
        (ORDERS, [1], "Orders"),
        (ORDERS, "x", "Orders"),
        (ADDRESS, [{"Number": 1}], "Address"),
        (ADDRESS, None, "Address"),
        (ADDRESS, {"Number": 1, "Colour": "red"}, "Colour"),
        (ADDRESS, {"Number": 1, "number": 1}, "Number"),
        (ADDRESS, {"Shop": "x"}, "Number"),
        (ADDRESS, {"Number": None}, "Number"),
        (ADDRESS, {"Number": 1, "Note": ["x"] * 100_000}, "Note"),
        (ADDRESS, {"Number": 1, "Note": "x" * 1_000_000}, "Note"),
        (ADDRESS, {"Number": 1, "x" * 1_000_000: 1}, "xxx"),
        (ADDRESS, {"Number": 1, "\ud800": 1}, "ud800"),
        (VIP, {"Number": 1}, "Number"),
        (ORDERS, [{"Number": 1}] * 100_000, str(MAX_RECORDS)),
        (ORDERS, [{"Number": 1}, {"Number": 1, "Shop": "here"}], "Shop"),
        (ORDERS, [{"Number": 1, "Note": "a"}, {"Number": 2, "Note": "a"}], "Note"),
    ],
)
def test_records_that_cannot_be_are_refused_soon_and_by_name(extension: Extension, value, told: str) -> None:
    begun = time.monotonic()
    with pytest.raises(InvalidValue) as refused:
        checked_records(extension, value)
    assert told in str(refused.value)
    assert len(str(refused.value)) < 300
    assert str(refused.value).encode()
    assert time.monotonic() - begun < 0.5


def test_a_thousand_records_are_taken_and_compared_in_well_under_a_second() -> None:
    begun = time.monotonic()
    assert len(checked_records(ORDERS, [{"Number": n} for n in range(MAX_RECORDS)])) == MAX_RECORDS
    assert time.monotonic() - begun < 0.5


def test_records_that_lack_a_unique_attribute_are_told_apart_from_every_other() -> None:
    assert len(checked_records(ORDERS, [{"Number": 1}, {"Number": 2}])) == 2


def test_a_record_is_found_by_the_first_unique_attributes_that_are_given_whole() -> None:
    records = checked_records(ORDERS, [{"Number": 1}, {"Number": 2, "Note": "a"}])
    assert place_of(ORDERS, records, {"number": 2, "shop": "here"}) == 1
    assert place_of(ORDERS, records, {"note": "a", "number": 1}) == 1
    with pytest.raises(NoSuchRecord):
        place_of(ORDERS, records, {"number": 3, "shop": "here"})
    for wanted in ({"number": 1}, {}, {"number": "1", "shop": "here"}):
        with pytest.raises(InvalidValue):
            place_of(ORDERS, records, wanted)
    with pytest.raises(InvalidValue):
        place_of(ADDRESS, records, {"number": 1})


@given(st.lists(st.fixed_dictionaries({"Number": st.integers(0, 3)}, optional={"Note": st.sampled_from("ab")})))
def test_no_two_records_that_are_taken_are_the_same_by_what_is_unique(records: list[dict[str, object]]) -> None:
    try:
        kept = checked_records(ORDERS, records)
    except InvalidValue:
        return
    for names in ORDERS.unique:
        values = [tuple(record[name] for name in names) for record in kept if all(name in record for name in names)]
        assert len(values) == len(set(values))
    assert all(place_of(ORDERS, kept, record) == place for place, record in enumerate(kept))


def test_defaults_do_not_make_very_much_of_a_few_records() -> None:
    long = Attribute("Long", AttributeType.STRING, default="x" * 1_000_000, length=1_000_000)
    extension = Extension(4, Subject.PROFILE, "Long", Kind.MULTI_VALUED, (long,))
    assert len(checked_records(extension, [{}] * 8)) == 8
    with pytest.raises(InvalidValue, match=str(MAX_SIZE)):
        checked_records(extension, [{}] * 9)
