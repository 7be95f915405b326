"""Finding customers: which key a question is answered by, and the digests that customers are found under."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import product
from typing import Any, Final

import msgspec
from msgspec import Struct

from busyout.domain.context.attribute import Value, from_text
from busyout.domain.context.errors import NoKeyUsable
from busyout.domain.context.names import check_different, folded, shown
from busyout.domain.context.records import Record
from busyout.domain.context.schema import PROFILE, IdentificationKey, Schemas
from busyout.domain.errors import InvalidValue

MAX_COMBINATIONS: Final = 100
"""Most combinations of values that one key has of one record, where attributes have several."""

MAX_ADDED: Final = 10_000
"""Most that one change lets a customer be found under anew, by all keys together."""

DIGEST_BYTES: Final = 16


class Entry(Struct, frozen=True):
    """Something that a customer is found under."""

    digest: str
    """Of the first values of a key, in hex; as long however long they are."""
    whole: bool
    """Whether they are all of its values."""


class Question(Struct, frozen=True):
    """A look-up: one digest of one key."""

    key: IdentificationKey
    digest: str


def digest_of(values: Sequence[Value]) -> str:
    """The digest of the first values of a key."""
    return blake2b(msgspec.json.encode(values), digest_size=DIGEST_BYTES).hexdigest()


def entries_of(key: IdentificationKey, record: Mapping[str, Any]) -> frozenset[Entry]:
    """What a customer is found under by a key and one record of its source: core attributes, or an extension's.

    Values are counted up to the first attribute that has none. Where attributes have several values, each counts.

    Raises:
        InvalidValue: The combinations of these are too many.
    """
    several: list[list[Value]] = []
    for name in key.attributes:
        value = record.get(name)
        if value is None:
            break
        several.append(value if isinstance(value, list) else [value])
    return frozenset(_leading(several, len(key.attributes)))


def _leading(several: list[list[Value]], all: int) -> Iterator[Entry]:
    for count in range(1, len(several) + 1):
        size = 1
        for values in several[:count]:
            size *= len(values)
        if size > MAX_COMBINATIONS:
            raise InvalidValue(f"the values of an identification key have at most {MAX_COMBINATIONS} combinations")
        for combination in product(*several[:count]):
            yield Entry(digest_of(combination), count == all)


def entries_of_customer(
    schemas: Schemas, attributes: Mapping[str, Any], records: Mapping[int, tuple[Record, ...]]
) -> dict[IdentificationKey, frozenset[Entry]]:
    """What a customer is found under, by every key; `records` are by the ids of their extensions."""
    return {key: entries_by(schemas, key, attributes, records) for key in schemas.keys}


def entries_by(
    schemas: Schemas,
    key: IdentificationKey,
    attributes: Mapping[str, Any],
    records: Mapping[int, tuple[Record, ...]],
) -> frozenset[Entry]:
    """What a customer is found under by one key."""
    sources: Sequence[Mapping[str, Any]] = (attributes,)
    if key.source != PROFILE:
        sources = records.get(extension_of(schemas, key), ())
    return frozenset(entry for source in sources for entry in entries_of(key, source))


def extension_of(schemas: Schemas, key: IdentificationKey) -> int:
    """Id of the extension that a key is on; 0, which no extension has, for core attributes."""
    wanted = folded(key.source)
    return next((one.id for one in schemas.extensions if _is_of_profiles(one.subject.value, one.name, wanted)), 0)


def _is_of_profiles(subject: str, name: str, wanted: str) -> bool:
    return subject == PROFILE and folded(name) == wanted


def question_of(schemas: Schemas, asked: Mapping[str, str], key: str | None) -> Question:
    """The look-up that answers attributes given as text, those of extensions as `extension.attribute`.

    A key that is named is taken. Otherwise it is the first one, by id, all of whose attributes are given; otherwise
    the one of whose leading attributes most are given, the first by id among equals.

    Raises:
        NoSuchKey: There is none of that name.
        NoKeyUsable: No key begins with an attribute that is given.
        InvalidValue: A value is none of its attribute's, or an attribute is given twice.
    """
    check_different(asked, what="attributes")
    given = {folded(name): text for name, text in asked.items()}
    _check_known(schemas, given)
    candidates = schemas.keys if key is None else (schemas.key(key),)
    scores = [(_covered(one, given), one) for one in candidates]
    best = next((one for count, one in scores if count == len(one.attributes)), None)
    if best is None:
        count, best = max(scores, key=lambda scored: scored[0], default=(0, None))
        if best is None or count == 0:
            raise NoKeyUsable(_unusable(schemas, key))
    leading = schemas.attributes_of(best)[: _covered(best, given)]
    return Question(best, digest_of([from_text(one, given[_name(best, one.name)]) for one in leading]))


def _covered(key: IdentificationKey, given: Mapping[str, str]) -> int:
    """How many of a key's leading attributes are given."""
    count = 0
    for name in key.attributes:
        if _name(key, name) not in given:
            break
        count += 1
    return count


def _name(key: IdentificationKey, attribute: str) -> str:
    """How a question names an attribute of a key, in folded case."""
    return folded(attribute if key.source == PROFILE else f"{key.source}.{attribute}")


def _check_known(schemas: Schemas, given: Mapping[str, str]) -> None:
    """Let pass a question about attributes that there are."""
    known = {folded(attribute.name) for attribute in schemas.core}
    for extension in schemas.extensions:
        if extension.subject.value == PROFILE:
            known |= {folded(f"{extension.name}.{attribute.name}") for attribute in extension.attributes}
    for name in given:
        if name not in known:
            raise InvalidValue(f'profiles have no attribute "{shown(name)}"')


def _unusable(schemas: Schemas, key: str | None) -> str:
    if not schemas.keys:
        return "there is no identification key to find customers by"
    return "no identification key begins with these attributes" if key is None else f"{shown(key)} begins with others"
