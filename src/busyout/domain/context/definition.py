"""Whether an extension or a key can be defined beside what is defined already, and the form in which it is."""

from typing import Final

from msgspec.structs import replace

from busyout.domain.context.attribute import MAX_LENGTH, Attribute, AttributeType, checked
from busyout.domain.context.errors import NameTaken
from busyout.domain.context.names import check_different, checked_name, folded, shown
from busyout.domain.context.schema import PROFILE, Extension, IdentificationKey, Kind, Schemas, Subject, named
from busyout.domain.errors import InvalidValue

MAX_ATTRIBUTES: Final = 100
"""Most attributes of an extension."""

MAX_EXTENSIONS: Final = 200
"""Most extensions of profiles, of services, of states, and of tasks."""

MAX_KEYS: Final = 50
"""Most identification keys: each is written with every profile."""

MAX_KEY_ATTRIBUTES: Final = 8
"""Most attributes of a key: each profile has an entry for every leading one."""

MAX_UNIQUE: Final = 8
"""Most items of what is unique, and most attributes of one."""


def checked_extension(schemas: Schemas, extension: Extension) -> Extension:
    """An extension as it is kept: attributes in `unique` as they are spelt, defaults in the form of values.

    Raises:
        InvalidValue: It cannot be; the message says what is wrong with it.
        NameTaken: The subject has an extension of that name, in whatever case.
    """
    _check_name(schemas, extension)
    if extension.kind is Kind.CLASSIFIER:
        if extension.subject is not Subject.PROFILE or extension.attributes:
            raise InvalidValue("a classifier is an extension of profiles, without attributes")
    elif extension.subject is not Subject.PROFILE and not extension.attributes:
        raise InvalidValue(f"an extension of a {extension.subject.value} has attributes")
    if len(extension.attributes) > MAX_ATTRIBUTES:
        raise InvalidValue(f"an extension has at most {MAX_ATTRIBUTES} attributes")
    check_different((attribute.name for attribute in extension.attributes), what="attributes")
    attributes = tuple(_checked_attribute(attribute) for attribute in extension.attributes)
    unique = _unique(attributes, extension.unique)
    return replace(extension, attributes=attributes, unique=unique)


def checked_key(schemas: Schemas, key: IdentificationKey) -> IdentificationKey:
    """A key as it is kept: its source and its attributes as they are spelt where they are defined.

    Raises:
        InvalidValue: It cannot be; the message says what is wrong with it.
        NoSuchExtension: The extension that it is on is not there.
        NameTaken: There is a key of that name, in whatever case.
    """
    checked_name(key.name)
    if named(schemas.keys, key.name) is not None:
        raise NameTaken(f'there is an identification key "{key.name}" already')
    if len(schemas.keys) >= MAX_KEYS:
        raise InvalidValue(f"there are at most {MAX_KEYS} identification keys")
    if not 1 <= len(key.attributes) <= MAX_KEY_ATTRIBUTES:
        raise InvalidValue(f"an identification key has from 1 to {MAX_KEY_ATTRIBUTES} attributes")
    source, known = _source(schemas, key.source)
    names = tuple(_spelt(known, name, of=source) for name in key.attributes)
    check_different(names, what="attributes")
    _check_guessable(known, names)
    return replace(key, source=source, attributes=names)


def _check_guessable(known: tuple[Attribute, ...], names: tuple[str, ...]) -> None:
    """Let attributes of a key pass whose values may be guessed: what customers are found under is not sealed."""
    for attribute in known:
        if attribute.encrypt and attribute.name in names:
            raise InvalidValue(f'"{attribute.name}" is sealed where it is kept, and no customer is looked up by it')


def _check_name(schemas: Schemas, extension: Extension) -> None:
    name = checked_name(extension.name)
    own = schemas.of_subject(extension.subject)
    if named(own, name) is not None:
        raise NameTaken(f'there is a {extension.subject.value} extension "{name}" already')
    if len(own) >= MAX_EXTENSIONS:
        raise InvalidValue(f"there are at most {MAX_EXTENSIONS} {extension.subject.value} extensions")
    if extension.subject is Subject.PROFILE and schemas.core_attribute(name) is not None:
        raise InvalidValue(f'the name "{name}" is reserved: every profile has an attribute called so')


def _checked_attribute(attribute: Attribute) -> Attribute:
    name = checked_name(attribute.name)
    if attribute.length is not None and attribute.type is not AttributeType.STRING:
        raise InvalidValue(f'"{name}" is no string and has no length')
    if attribute.length is not None and not 1 <= attribute.length <= MAX_LENGTH:
        raise InvalidValue(f'the length of "{name}" is from 1 to {MAX_LENGTH}')
    if attribute.default is None:
        return attribute
    return replace(attribute, default=checked(attribute, attribute.default))


def _unique(attributes: tuple[Attribute, ...], asked: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """What is unique, by names as they are spelt, with the attributes that say so of themselves."""
    if len(asked) > MAX_UNIQUE or any(not 1 <= len(names) <= MAX_UNIQUE for names in asked):
        raise InvalidValue(f"unique has at most {MAX_UNIQUE} items of 1 to {MAX_UNIQUE} attributes")
    items = [tuple(_spelt(attributes, name, of="the extension") for name in names) for names in asked]
    for names in items:
        check_different(names, what="unique attributes")
    items += [(attribute.name,) for attribute in attributes if attribute.unique]
    return tuple(dict.fromkeys(items))


def _source(schemas: Schemas, source: str) -> tuple[str, tuple[Attribute, ...]]:
    """A source as it is spelt, and its attributes."""
    if folded(source) == PROFILE:
        return PROFILE, schemas.core
    extension = schemas.extension(Subject.PROFILE, source)
    return extension.name, extension.attributes


def _spelt(attributes: tuple[Attribute, ...], name: str, *, of: str) -> str:
    found = named(attributes, name)
    if found is None:
        raise InvalidValue(f'"{shown(name)}" is no attribute of {of}')
    return found.name
