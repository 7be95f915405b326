"""Business attributes: which values there are, and how they are taken and told."""

import pytest

from busyout.domain.context.business import BusinessAttribute, BusinessValue
from busyout.domain.context.errors import NoSuchBusinessAttribute
from busyout.domain.errors import InvalidValue
from busyout.services.context.business import BusinessAttributes

TYPES = BusinessAttribute(
    "ServiceTypes", 5, cv_attributes=("Service.type",), values=(BusinessValue("Sales", 101), BusinessValue("Help", 102))
)
PLAIN = BusinessAttribute("Languages", 6, values=(BusinessValue("en", 1),))


def business(*, map_names: bool = False) -> BusinessAttributes:
    return BusinessAttributes((TYPES, PLAIN), map_names=map_names)


def test_they_are_listed_and_found_by_name_and_by_what_they_restrict() -> None:
    assert business().all() == (TYPES, PLAIN)
    assert business().one("servicetypes") is TYPES
    assert (business().of("Service.type"), business().of("State.type")) == ((TYPES,), ())
    with pytest.raises(NoSuchBusinessAttribute):
        business().one("x" * 1_000_000)


@pytest.mark.parametrize("value", [101, "101", "sales", "Sales"])
def test_a_value_is_kept_by_number_however_it_is_given(value: int | str) -> None:
    assert business().check("Service.type", value) == 101


@pytest.mark.parametrize("value", [103, "Sale", "", None, True, 1.5, ["Sales"], "x" * 1_000_000, "\ud800", "²"])
def test_what_is_no_value_is_refused_in_few_words(value: object) -> None:
    with pytest.raises(InvalidValue, match=r"Service\.type") as refused:
        business().check("Service.type", value)
    assert len(str(refused.value)) < 300
    assert str(refused.value).encode()


def test_where_nothing_is_mapped_every_short_value_is_taken_as_it_is() -> None:
    assert [business().check("State.type", value) for value in (7, "7", "x" * 64)] == [7, "7", "x" * 64]
    with pytest.raises(InvalidValue):
        business().check("State.type", "x" * 65)


def test_values_are_told_by_name_only_where_that_is_set() -> None:
    assert business().told("Service.type", 102) == 102
    assert business(map_names=True).told("Service.type", 102) == "Help"
    assert business(map_names=True).told("Service.type", 999) == 999
    assert business(map_names=True).told("State.type", "free") == "free"
