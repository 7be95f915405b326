"""Profiles between bodies and customers: one flat object."""

import pytest

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.customer import Customer, Seen
from busyout.domain.context.schema import Extension, Kind, Subject
from busyout.domain.errors import InvalidValue
from busyout.faces.ucs.translate.profiles import profile_of, told

NUMBER = Attribute("Number", AttributeType.INTEGER)
ORDERS = Extension(1, Subject.PROFILE, "Orders", Kind.MULTI_VALUED, (NUMBER,))
ADDRESS = Extension(2, Subject.PROFILE, "Address", Kind.SINGLE_VALUED, (NUMBER,))


def test_the_id_in_a_body_is_that_of_the_address_or_means_nothing() -> None:
    for name in ("customer_id", "Customer_ID"):
        assert profile_of({name: "x", "FirstName": "Ann"}) == {"FirstName": "Ann"}
        assert profile_of({name: "x", "FirstName": "Ann"}, "x") == {"FirstName": "Ann"}
        with pytest.raises(InvalidValue, match="customer_id"):
            profile_of({name: "x"}, "y")


def test_a_customer_is_told_flat_with_the_extensions_that_are_asked_for() -> None:
    customer = Customer("0A", {"Phone": ["1", "2"]}, {2: ({"Number": 4},)})
    assert told(Seen((customer,))) == [{"customer_id": "0A", "Phone": ["1", "2"]}]
    assert told(Seen((customer, Customer("0C", {}, {})), ("0B",), (ORDERS, ADDRESS))) == [
        {"customer_id": "0A", "Phone": ["1", "2"], "Orders": [], "Address": {"Number": 4}},
        {"customer_id": "0C", "Orders": []},
        {"customer_id": "0B"},
    ]
