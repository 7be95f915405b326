"""Values of attributes: what is refused, and the one form in which the others are kept."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.context.attribute import (
    MAX_LENGTH,
    MAX_VALUES,
    Attribute,
    AttributeType,
    checked,
    checked_values,
    from_text,
)
from busyout.domain.context.moment import date_of, moment_of
from busyout.domain.errors import InvalidValue

offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.lists(st.integers()),
    st.dictionaries(st.text(), st.text()),
)


def attribute(type: AttributeType, **more) -> Attribute:
    return Attribute("Thing", type, **more)


def written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@given(st.datetimes(timezones=offsets))
def test_a_moment_is_kept_in_utc_with_milliseconds_as_the_calendar_of_the_library_says(moment: datetime) -> None:
    try:
        expected = written(moment.astimezone(UTC))
        expected = expected.rjust(24, "0")
    except OverflowError:
        expected = None
    assert moment_of(moment.isoformat()) == expected


@given(st.dates())
def test_a_date_stands_for_its_midnight_and_a_midnight_for_its_date(date) -> None:
    text = date.isoformat()
    assert date_of(text) == text
    assert moment_of(text) == f"{text}T00:00:00.000Z"
    assert date_of(f"{text}T00:00:00.000Z") == text
    assert date_of(f"{text}T00:00:01Z") is None


@pytest.mark.parametrize(
    "text",
    ["10000-01-01", "0000-12-31", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "26-01-01", "٢٠٢٦-01-01", ""],
)
def test_there_are_only_days_of_the_years_1_to_9999(text: str) -> None:
    for type in (AttributeType.DATE, AttributeType.DATETIME):
        with pytest.raises(InvalidValue):
            checked(attribute(type), text)


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59.999-00:01",
        "0001-01-01T00:00:00+00:01",
        "2026-01-01T24:00:00Z",
        "2026-01-01T10:00:60Z",
        "2026-01-01T10:00:00",
        "2026-01-01T10:00:00+24:00",
        "2026-01-01T10:00:00Z" + " " * 1_000_000,
    ],
)
def test_a_moment_of_year_10000_or_without_a_zone_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="Thing"):
        checked(attribute(AttributeType.DATETIME), text)


@given(st.sampled_from(AttributeType), anything)
def test_a_value_is_kept_in_a_form_that_is_accepted_again_and_does_not_change(type: AttributeType, value) -> None:
    try:
        kept = checked(attribute(type), value)
    except InvalidValue:
        return
    assert checked(attribute(type), kept) == kept
    assert isinstance(kept, bool) == (type is AttributeType.BOOLEAN)


@given(st.sampled_from(AttributeType), st.text())
def test_a_text_stands_for_a_value_or_is_refused(type: AttributeType, text: str) -> None:
    try:
        kept = from_text(attribute(type), text)
    except InvalidValue:
        return
    assert checked(attribute(type), kept) == kept


@pytest.mark.parametrize(
    ("type", "value"),
    [
        (AttributeType.INTEGER, 2**31),
        (AttributeType.INTEGER, True),
        (AttributeType.INTEGER, 1.0),
        (AttributeType.LONG, 2**63),
        (AttributeType.DOUBLE, float("nan")),
        (AttributeType.DOUBLE, 10**400),
        (AttributeType.CURRENCY, 0.00001),
        (AttributeType.CURRENCY, 1e12),
        (AttributeType.BOOLEAN, 1),
        (AttributeType.BOOLEAN, "true"),
        (AttributeType.STRING, None),
        (AttributeType.STRING, "a\0b"),
        (AttributeType.STRING, "\ud800"),
        (AttributeType.STRING, "x" * 4097),
    ],
)
def test_what_an_attribute_cannot_have_is_refused_by_its_name(type: AttributeType, value) -> None:
    with pytest.raises(InvalidValue, match='"Thing"'):
        checked(attribute(type), value)


def test_a_megabyte_is_taken_only_where_the_length_allows_it() -> None:
    begun = time.monotonic()
    assert len(checked(attribute(AttributeType.STRING, length=MAX_LENGTH), "x" * MAX_LENGTH)) == MAX_LENGTH
    with pytest.raises(InvalidValue, match="at most 4096 characters"):
        checked(attribute(AttributeType.STRING), "x" * MAX_LENGTH)
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("type", AttributeType)
def test_a_list_of_100000_values_is_refused_before_it_is_looked_at(type: AttributeType) -> None:
    with pytest.raises(InvalidValue, match=f"from 1 to {MAX_VALUES}"):
        checked_values(attribute(type), ["x" * 1000] * 100_000)


def test_of_several_values_each_is_checked_and_the_order_kept() -> None:
    of_text = attribute(AttributeType.STRING)
    assert checked_values(of_text, ["b", "a"]) == ["b", "a"]
    assert checked_values(of_text, "b") == "b"
    for value in ([], ["a", 1], [["a"]]):
        with pytest.raises(InvalidValue):
            checked_values(of_text, value)


@pytest.mark.parametrize(
    ("type", "text", "value"),
    [
        (AttributeType.BOOLEAN, "TRUE", True),
        (AttributeType.INTEGER, "-7", -7),
        (AttributeType.LONG, "9223372036854775807", 2**63 - 1),
        (AttributeType.CURRENCY, "12.5", 12.5),
        (AttributeType.STRING, "12.5", "12.5"),
        (AttributeType.DATETIME, "1981-03-17T03:00:00+01:00", "1981-03-17T02:00:00.000Z"),
    ],
)
def test_a_text_of_an_address_becomes_the_value_that_is_meant(type: AttributeType, text: str, value) -> None:
    assert from_text(attribute(type), text) == value
