"""Profiles: documents with what devices are configured with, each over the profiles that it inherits from."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from busyout.domain.document import Document, checked_document, checked_id, merged
from busyout.domain.errors import InvalidValue

MAX_PARENTS: Final = 16
"""Most parents of one profile."""

MAX_GENERATIONS: Final = 16
"""Most generations between a profile and the farthest one that it inherits from."""

MAX_ANCESTORS: Final = 64
"""Most profiles that one inherits from."""

MAX_INHERITED: Final = 8 * 1024 * 1024
"""Most characters of a profile and all that it inherits from."""

AUTOCREATE: Final = "autocreate"
"""Role of the profile that new ones are made after."""


class Profile(Struct, frozen=True):
    """One profile."""

    number: int
    """Place in the order in which profiles were added; 0 before it is kept."""
    id: str
    document: Document
    """All of it, `id` included."""

    @property
    def view(self) -> Document:
        """What is shown of it."""
        return self.document

    @property
    def parents(self) -> tuple[str, ...]:
        """Ids of the profiles that it inherits from, the weakest first; there need not be any of that id."""
        return tuple(self.document["parent_ids"])

    @property
    def role(self) -> str | None:
        """What it is there for beyond being inherited from; None for nothing."""
        role: str | None = self.document.get("role")
        return role

    @property
    def transient(self) -> bool:
        """Whether it goes with the last device that has it."""
        return self.document.get("transient") is True

    @property
    def deletable(self) -> bool:
        """Whether it may be removed."""
        return self.document.get("deletable") is not False


def profile_of(document: object, *, id: str) -> Profile:
    """A profile as somebody gives it; an id in the document gives way to `id`.

    Raises:
        InvalidValue: It is no profile; the message says what is wrong.
    """
    given = checked_document(document)
    parents, raw = given.get("parent_ids"), given.get("raw_config")
    if not isinstance(parents, list) or not isinstance(raw, dict):
        raise InvalidValue("a config has a list parent_ids and an object raw_config")
    if len(parents) > MAX_PARENTS:
        raise InvalidValue(f"a config has at most {MAX_PARENTS} parents")
    for parent in parents:
        checked_id(parent)
    if len(set(parents)) < len(parents):
        raise InvalidValue("a parent is named twice")
    for name, kind in (("role", str), ("transient", bool), ("deletable", bool)):
        if given.get(name) is not None and not isinstance(given[name], kind):
            raise InvalidValue(f"{name} is of the wrong type")
    return Profile(0, checked_id(id), {"id": id, **{name: v for name, v in given.items() if name != "id"}})


def flattened(profile: str, known: Mapping[str, Profile], base: Mapping[str, Any]) -> Document:
    """The raw configuration of a profile over those of its ancestors, over `base`; `known` has them all.

    Parents are laid in their order, each after its own parents and only once; what is not known is left out.
    """
    return merged((base, *(known[id].document["raw_config"] for id in lineage(profile, known))))


def lineage(profile: str, known: Mapping[str, Profile]) -> tuple[str, ...]:
    """A profile's ancestors and itself, the weakest first."""
    order: dict[str, None] = {}
    entered: set[str] = set()
    waiting = [(profile, False)]
    while waiting:
        id, done = waiting.pop()
        if done:
            order[id] = None
        elif id in known and id not in entered:
            entered.add(id)
            waiting.append((id, True))
            waiting.extend((parent, False) for parent in reversed(known[id].parents))
    return tuple(order)


def made_after(template: Profile, *, suffix: str) -> Profile:
    """A new profile for one device, made after a template, which it inherits from."""
    id = f"{template.id[: 128 - len(suffix)]}{suffix}"
    document = {
        "id": id,
        "parent_ids": [template.id],
        "raw_config": template.document["raw_config"],
        "transient": True,
    }
    return profile_of(document, id=id)
