"""What can be defined: extensions and identification keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.definition import (
    MAX_ATTRIBUTES,
    MAX_EXTENSIONS,
    MAX_KEY_ATTRIBUTES,
    MAX_KEYS,
    checked_extension,
    checked_key,
)
from busyout.domain.context.errors import NameTaken, NoSuchExtension, NoSuchKey
from busyout.domain.context.names import checked_name, folded
from busyout.domain.context.schema import UNNUMBERED, Extension, IdentificationKey, Kind, Schemas, Subject
from busyout.domain.errors import InvalidValue

CORE = (Attribute("FirstName", AttributeType.STRING), Attribute("LastName", AttributeType.STRING))
NUMBER = Attribute("number", AttributeType.INTEGER)
ORDERS = Extension(1, Subject.PROFILE, "Orders", Kind.MULTI_VALUED, (NUMBER, Attribute("shop", AttributeType.STRING)))
BY_NAME = IdentificationKey(1, "ByName", "profile", ("LastName",))
SCHEMAS = Schemas(CORE, (ORDERS,), (BY_NAME,))


def extension(name: str = "New", *attributes: Attribute, subject: Subject = Subject.PROFILE, **more) -> Extension:
    return Extension(UNNUMBERED, subject, name, more.pop("kind", Kind.MULTI_VALUED), attributes or (NUMBER,), **more)


def key(*attributes: str, name: str = "New", source: str = "profile") -> IdentificationKey:
    return IdentificationKey(UNNUMBERED, name, source, attributes)


@given(st.text())
def test_a_name_is_a_letter_and_up_to_25_letters_digits_and_underscores(text: str) -> None:
    plain = text.isascii() and text[:1].isalpha() and len(text) <= 26 and text.replace("_", "a").isalnum()
    try:
        assert checked_name(text) == text
    except InvalidValue:
        assert not plain


@pytest.mark.parametrize(
    "name", ["", "x" * 27, "x" * 1_000_000, "1x", "a b", "é", "a\n", "\ud800", "customer_id", "EXTENSIONS", None, 1]
)
def test_other_names_are_refused_in_few_words_that_can_be_written(name) -> None:
    with pytest.raises(InvalidValue) as refused:
        checked_name(name)
    assert len(str(refused.value)) < 300
    assert str(refused.value).encode()


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (extension("x" * 27), InvalidValue),
        (extension("firstNAME"), InvalidValue),
        (extension("Customer_ID"), InvalidValue),
        (extension("oRDERS"), NameTaken),
        (extension("New", NUMBER, Attribute("NUMBER", AttributeType.STRING)), InvalidValue),
        (extension("New", *[Attribute(f"a{n}", AttributeType.LONG) for n in range(MAX_ATTRIBUTES + 1)]), InvalidValue),
        (extension("New", Attribute("n", AttributeType.INTEGER, length=5)), InvalidValue),
        (extension("New", Attribute("n", AttributeType.STRING, length=1024 * 1024 + 1)), InvalidValue),
        (extension("New", Attribute("n", AttributeType.STRING, length=0)), InvalidValue),
        (extension("New", Attribute("n", AttributeType.INTEGER, default="x")), InvalidValue),
        (extension("New", Attribute("n", AttributeType.DATE, default="10000-01-01")), InvalidValue),
        (extension("New", unique=(("other",),)), InvalidValue),
        (extension("New", unique=(("number", "NUMBER"),)), InvalidValue),
        (extension("New", unique=((),)), InvalidValue),
        (extension("New", unique=(("number",),) * 9), InvalidValue),
        (extension("New", kind=Kind.CLASSIFIER), InvalidValue),
        (Extension(0, Subject.STATE, "New", Kind.SINGLE_VALUED, ()), InvalidValue),
        (Extension(0, Subject.STATE, "New", Kind.CLASSIFIER, ()), InvalidValue),
    ],
)
def test_an_extension_that_cannot_be_is_refused(wanted: Extension, error: type[Exception]) -> None:
    with pytest.raises(error):
        checked_extension(SCHEMAS, wanted)


def test_the_same_name_may_be_used_for_profiles_and_for_services() -> None:
    assert checked_extension(SCHEMAS, extension("Orders", subject=Subject.SERVICE)).subject is Subject.SERVICE


def test_defaults_and_unique_attributes_are_kept_as_values_and_spellings() -> None:
    moment = Attribute("at", AttributeType.DATETIME, default="2026-01-01", unique=True)
    made = checked_extension(SCHEMAS, extension("New", NUMBER, moment, unique=(("NUMBER", "At"), ("at",))))
    assert made.attributes[1].default == "2026-01-01T00:00:00.000Z"
    assert made.unique == (("number", "at"), ("at",))


def test_a_classifier_of_profiles_has_no_attributes() -> None:
    wanted = Extension(0, Subject.PROFILE, "Vip", Kind.CLASSIFIER, ())
    assert checked_extension(SCHEMAS, wanted) == wanted


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (key(), InvalidValue),
        (key("LastName", name="byNAME"), NameTaken),
        (key("LastName", name="9"), InvalidValue),
        (key("number"), InvalidValue),
        (key("LastName", "number"), InvalidValue),
        (key("LastName", "lastname"), InvalidValue),
        (key("number", source="Missing"), NoSuchExtension),
        (key("LastName", source="Orders"), InvalidValue),
        (key(*["LastName"] * (MAX_KEY_ATTRIBUTES + 1)), InvalidValue),
        (key(*["x" * 1_000_000] * 3), InvalidValue),
    ],
)
def test_a_key_that_cannot_be_is_refused(wanted: IdentificationKey, error: type[Exception]) -> None:
    with pytest.raises(error) as refused:
        checked_key(SCHEMAS, wanted)
    assert len(str(refused.value)) < 300


def test_a_key_is_kept_as_its_source_and_attributes_are_spelt() -> None:
    assert checked_key(SCHEMAS, key("SHOP", "Number", source="ORDERS")) == key("shop", "number", source="Orders")
    assert checked_key(SCHEMAS, key("lastname", source="Profile")) == key("LastName")


def test_extensions_and_keys_are_bounded() -> None:
    many = tuple(Extension(n, Subject.TASK, f"e{n}", Kind.SINGLE_VALUED, (NUMBER,)) for n in range(MAX_EXTENSIONS))
    with pytest.raises(InvalidValue, match=str(MAX_EXTENSIONS)):
        checked_extension(Schemas(CORE, many), extension(subject=Subject.TASK))
    assert checked_extension(Schemas(CORE, many), extension(subject=Subject.STATE))
    keys = tuple(IdentificationKey(n, f"k{n}", "profile", ("LastName",)) for n in range(MAX_KEYS))
    with pytest.raises(InvalidValue, match=str(MAX_KEYS)):
        checked_key(Schemas(CORE, (), keys), key("LastName"))


def test_what_is_defined_is_found_in_any_case() -> None:
    assert SCHEMAS.extension(Subject.PROFILE, "ORDERS") is ORDERS
    assert SCHEMAS.key("BYNAME") is BY_NAME
    assert SCHEMAS.keys_of("PROFILE") == (BY_NAME,)
    assert SCHEMAS.attributes_of(BY_NAME) == (CORE[1],)
    assert folded("ÄB") == "äb"
    with pytest.raises(NoSuchExtension):
        SCHEMAS.extension(Subject.TASK, "Orders")
    with pytest.raises(NoSuchKey):
        SCHEMAS.key("x" * 1_000_000)
