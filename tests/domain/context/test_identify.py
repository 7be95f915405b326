"""Finding customers: every question that can be asked finds what was entered, and nothing else."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from busyout.domain.context.attribute import Attribute, AttributeType, checked
from busyout.domain.context.errors import NoKeyUsable, NoSuchKey
from busyout.domain.context.identify import (
    MAX_COMBINATIONS,
    digest_of,
    entries_by,
    entries_of,
    entries_of_customer,
    question_of,
)
from busyout.domain.context.schema import Extension, IdentificationKey, Kind, Schemas, Subject
from busyout.domain.errors import InvalidValue

TYPES = tuple(AttributeType)
CORE = tuple(Attribute(f"A_{kind.value}", kind) for kind in TYPES)
NAMES = tuple(attribute.name for attribute in CORE)
WITHIN = Extension(7, Subject.PROFILE, "Cards", Kind.MULTI_VALUED, CORE)
SAME_NAME = Extension(8, Subject.SERVICE, "Cards", Kind.MULTI_VALUED, CORE)

TEXTS = {
    AttributeType.BOOLEAN: st.sampled_from(["true", "false", "TRUE"]),
    AttributeType.STRING: st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    AttributeType.INTEGER: st.integers(-(2**31), 2**31 - 1).map(str),
    AttributeType.LONG: st.integers(-(2**63), 2**63 - 1).map(str),
    AttributeType.DOUBLE: st.floats(allow_nan=False, allow_infinity=False).map(repr),
    AttributeType.DATE: st.dates().map(str),
    AttributeType.DATETIME: st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='milliseconds')}+02:00"),
    AttributeType.CURRENCY: st.integers(-(10**9), 10**9).map(lambda number: f"{number / 100:.2f}"),
}
"""As a query may say them."""


def meant(kind: AttributeType, text: str) -> Any:
    """The value that a text stands for, as a document has it."""
    if kind is AttributeType.BOOLEAN:
        return text.lower() == "true"
    if kind in (AttributeType.INTEGER, AttributeType.LONG):
        return int(text)
    return float(text) if kind in (AttributeType.DOUBLE, AttributeType.CURRENCY) else text


@st.composite
def asked(draw: st.DrawFn) -> tuple[tuple[str, ...], dict[str, str]]:
    """Attributes of a key, in some order, and texts for the first of them."""
    names = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=8, unique=True)))
    count = draw(st.integers(1, len(names)))
    return names, {name: draw(TEXTS[TYPES[NAMES.index(name)]]) for name in names[:count]}


@given(asked(), st.sampled_from(["profile", "Cards"]), st.integers(0, 8))
def test_what_a_customer_has_is_found_by_text(
    drawn: tuple[tuple[str, ...], dict[str, str]], source: str, more: int
) -> None:
    names, texts = drawn
    key = IdentificationKey(1, "Key", source, names)
    schemas = Schemas(CORE, (SAME_NAME, WITHIN), (key,))
    record: dict[str, Any] = {}
    for name, text in texts.items():
        kind = TYPES[NAMES.index(name)]
        try:
            record[name] = checked(CORE[NAMES.index(name)], meant(kind, text))
        except InvalidValue:  # a moment that lies before the year 1 in UTC
            assume(False)
    before = {} if source == "profile" else {WITHIN.id: ({}, record)}
    entries = entries_by(schemas, key, record if source == "profile" else {}, before)
    assert len(entries) == len(texts)
    prefix = "" if source == "profile" else "cards."
    given_texts = {f"{prefix}{name}".upper(): text for name, text in list(texts.items())[: more + 1]}
    question = question_of(schemas, given_texts, None)
    assert question.key == key
    assert question.digest in {entry.digest for entry in entries}
    assert {entry.digest for entry in entries if entry.whole} == (
        {digest_of(list(record.values()))} if len(texts) == len(names) else set()
    )


values = st.lists(
    st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.text(st.characters(codec="utf-8"), max_size=4)),
    max_size=4,
)


@given(values, values)
def test_other_values_have_another_digest(first: list[Any], second: list[Any]) -> None:
    same = [(type(one), one) for one in first] == [(type(one), one) for one in second]
    assert (digest_of(first) == digest_of(second)) is same


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["ab", "c"], ["a", "bc"]),
        (["a"], ["a", ""]),
        ([], [""]),
        (['a","b'], ["a", "b"]),
        ([True], [1]),
        (["1"], [1]),
        ([1], [1.0]),
    ],
)
def test_no_digest_collides_by_concatenation(first: list[Any], second: list[Any]) -> None:
    assert digest_of(first) != digest_of(second)


def test_attributes_with_several_values_count_with_each() -> None:
    key = IdentificationKey(1, "Key", "profile", ("A_string", "A_integer"))
    entries = entries_of(key, {"A_string": ["x", "y", "x"], "A_integer": [1, 2]})
    assert {entry.digest for entry in entries if not entry.whole} == {digest_of(["x"]), digest_of(["y"])}
    whole = {entry.digest for entry in entries if entry.whole}
    assert whole == {digest_of([text, number]) for text in "xy" for number in (1, 2)}


def test_a_value_that_is_missing_ends_what_is_found() -> None:
    key = IdentificationKey(1, "Key", "profile", ("A_string", "A_integer", "A_long"))
    assert {entry.digest for entry in entries_of(key, {"A_string": "x", "A_long": 3})} == {digest_of(["x"])}
    assert entries_of(key, {"A_integer": 2}) == frozenset()


def test_combinations_are_bounded() -> None:
    key = IdentificationKey(1, "Key", "profile", ("A_string", "A_integer"))
    several = list(range(MAX_COMBINATIONS // 2))
    assert len(entries_of(key, {"A_string": ["x", "y"], "A_integer": several})) == 2 + MAX_COMBINATIONS
    with pytest.raises(InvalidValue, match=str(MAX_COMBINATIONS)):
        entries_of(key, {"A_string": ["x", "y"], "A_integer": [*several, -1]})


FIRST = IdentificationKey(1, "First", "profile", ("A_string", "A_integer", "A_long"))
SECOND = IdentificationKey(2, "Second", "profile", ("A_integer", "A_string"))
THIRD = IdentificationKey(3, "Third", "Cards", ("A_string",))
SCHEMAS = Schemas(CORE, (SAME_NAME, WITHIN), (FIRST, SECOND, THIRD))


@pytest.mark.parametrize(
    ("given_texts", "name", "best"),
    [
        ({"A_string": "x"}, None, FIRST),
        ({"A_integer": "1"}, None, SECOND),
        ({"A_integer": "1", "A_string": "x"}, None, SECOND),
        ({"A_integer": "1", "A_string": "x", "A_long": "1"}, None, FIRST),
        ({"A_string": "x", "A_long": "1"}, None, FIRST),
        ({"A_string": "x", "Cards.A_string": "x"}, None, THIRD),
        ({"A_integer": "1", "A_string": "x"}, "first", FIRST),
        ({"cards.a_STRING": "x"}, "THIRD", THIRD),
    ],
)
def test_the_key_is_the_first_whole_one_or_that_of_most_leading_attributes(
    given_texts: dict[str, str], name: str | None, best: IdentificationKey
) -> None:
    assert question_of(SCHEMAS, given_texts, name).key == best


@pytest.mark.parametrize(
    ("given_texts", "name", "error"),
    [
        ({"A_long": "1"}, None, NoKeyUsable),
        ({"A_long": "1"}, "First", NoKeyUsable),
        ({"A_string": "x"}, "Third", NoKeyUsable),
        ({}, None, NoKeyUsable),
        ({"A_string": "x"}, "Fourth", NoSuchKey),
        ({"A_integer": "one"}, None, InvalidValue),
        ({"A_integer": "1", "Colour": "red"}, None, InvalidValue),
        ({"Cards.Colour": "red"}, None, InvalidValue),
        ({"A_string": "x", "a_STRING": "x"}, None, InvalidValue),
        ({"Cards.A_string": "x", "cards.A_string": "y"}, "Third", InvalidValue),
    ],
)
def test_a_question_that_no_key_answers_is_refused(
    given_texts: dict[str, str], name: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        question_of(SCHEMAS, given_texts, name)


def test_without_keys_nobody_is_found() -> None:
    with pytest.raises(NoKeyUsable):
        question_of(Schemas(CORE), {"A_string": "x"}, None)


def test_a_customer_is_found_by_every_key() -> None:
    found = entries_of_customer(SCHEMAS, {"A_string": "x", "A_integer": 1}, {WITHIN.id: ({"A_string": "c"}, {})})
    assert {key.name: len(entries) for key, entries in found.items()} == {"First": 2, "Second": 2, "Third": 1}
