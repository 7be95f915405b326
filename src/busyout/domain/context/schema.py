"""What operators define: extensions of profiles, services, states and tasks, and the keys that look customers up."""

from collections.abc import Mapping
from enum import Enum
from typing import Final, TypeVar

from msgspec import Struct

from busyout.domain.context.attribute import Attribute
from busyout.domain.context.errors import NoSuchExtension, NoSuchKey
from busyout.domain.context.names import folded, shown

Named = TypeVar("Named", Attribute, "Extension", "IdentificationKey")

UNNUMBERED: Final = 0
"""Id of what is not kept yet; the ids of what is kept begin at 1."""

PROFILE: Final = "profile"
"""Source of a key on core attributes; no extension can be called so."""


class Subject(Enum):
    """What an extension is an extension of."""

    PROFILE = "profile"
    SERVICE = "service"
    STATE = "state"
    TASK = "task"

    @property
    def word(self) -> str:
        """The first part of what business attributes restrict, such as `State.type`."""
        return self.value.capitalize()


class Kind(Enum):
    """How many records of an extension an owner has."""

    SINGLE_VALUED = "single-valued"
    MULTI_VALUED = "multi-valued"
    CLASSIFIER = "classifier"
    """One record without attributes: it is there or it is not. Of profiles only."""


class Extension(Struct, frozen=True):
    """Attributes that profiles, services, states or tasks have beside their own."""

    id: int
    """Never given twice; `UNNUMBERED` until it is kept."""
    subject: Subject
    name: str
    kind: Kind
    attributes: tuple[Attribute, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    """Each item names attributes that no two records of one owner have equal, all of them."""
    required: bool = False
    """Whether an owner cannot be without it."""

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name, in any case; None when there is none."""
        return named(self.attributes, name)


class IdentificationKey(Struct, frozen=True):
    """Attributes that customers are looked up by, the first before the others."""

    id: int
    """Never given twice; `UNNUMBERED` until it is kept."""
    name: str
    source: str
    """`profile`, or the name of the extension of profiles that has the attributes."""
    attributes: tuple[str, ...]
    unique: bool = False
    """Whether no two customers have the same values."""


class Schemas(Struct, frozen=True):
    """All that is defined, at one moment."""

    core: tuple[Attribute, ...] = ()
    """Attributes of every profile; empty where there is no profile schema."""
    extensions: tuple[Extension, ...] = ()
    """By id."""
    keys: tuple[IdentificationKey, ...] = ()
    """By id."""

    def extension(self, subject: Subject, name: str) -> Extension:
        """The extension of that name, in any case.

        Raises:
            NoSuchExtension: There is none.
        """
        found = named(self.of_subject(subject), name)
        if found is None:
            raise NoSuchExtension(f'there is no {subject.value} extension called "{shown(name)}"')
        return found

    def of_subject(self, subject: Subject) -> tuple[Extension, ...]:
        """The extensions of profiles, services, states or tasks, by id."""
        if not self.extensions:
            return ()
        return tuple(extension for extension in self.extensions if extension.subject is subject)

    def core_attribute(self, name: str) -> Attribute | None:
        """The attribute of every profile that has that name, in any case; None when there is none."""
        return named(self.core, name)

    def key(self, name: str) -> IdentificationKey:
        """The identification key of that name, in any case.

        Raises:
            NoSuchKey: There is none.
        """
        found = named(self.keys, name)
        if found is None:
            raise NoSuchKey(f'there is no identification key called "{shown(name)}"')
        return found

    def keys_of(self, source: str) -> tuple[IdentificationKey, ...]:
        """The keys on `profile` or on that extension of profiles, in any case, by id."""
        return tuple(key for key in self.keys if folded(key.source) == folded(source))

    def attributes_of(self, key: IdentificationKey) -> tuple[Attribute, ...]:
        """The attributes of a key, in its order.

        Raises:
            NoSuchExtension: The extension it is on is gone.
        """
        whole = self.core if key.source == PROFILE else self.extension(Subject.PROFILE, key.source).attributes
        known: Mapping[str, Attribute] = {attribute.name: attribute for attribute in whole}
        return tuple(known[name] for name in key.attributes)


def named(things: tuple[Named, ...], name: str) -> Named | None:
    """What has that name, in any case; None when nothing has."""
    for thing in things:  # most callers spell it as it is kept, and folding every name takes ten times as long
        if thing.name == name:
            return thing
    wanted = folded(name)
    return next((thing for thing in things if folded(thing.name) == wanted), None)
