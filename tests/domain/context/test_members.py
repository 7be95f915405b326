"""Members of documents: what is taken, what is missing, and what is refused by name."""

import pytest

from busyout.domain.context.members import number_in, text_in
from busyout.domain.errors import InvalidValue


@pytest.mark.parametrize("value", [-1, 11, True, "1", 1.0, [], 10**400])
def test_a_number_is_within_its_bounds(value: object) -> None:
    assert (number_in({"n": 0}, "n", 10), number_in({"n": 10}, "n", 10), number_in({}, "n", 10)) == (0, 10, None)
    with pytest.raises(InvalidValue, match="n is a whole number"):
        number_in({"n": value}, "n", 10)


@pytest.mark.parametrize("value", ["", "x" * 11, "a\nb", 1, True, [], {}])
def test_a_text_is_within_its_bounds(value: object) -> None:
    assert (text_in({"t": "x" * 10}, "t", 10), text_in({"t": None}, "t", 10), text_in({}, "t", 10)) == (
        "x" * 10,
        None,
        None,
    )
    with pytest.raises(InvalidValue, match="t is a text of 1 to 10"):
        text_in({"t": value}, "t", 10)
