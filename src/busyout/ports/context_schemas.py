"""What is kept of extensions and identification keys. Each method is one unit of work, as in `ports.store`.

What changes a schema raises `ModeNotAllowed` or `ModeSwitching` where the mode is not maintenance.
"""

from typing import Protocol

from msgspec import Struct

from busyout.domain.audit import AuditRecord
from busyout.domain.context.schema import Extension, IdentificationKey, Schemas, Subject


class KeptSchemas(Struct, frozen=True):
    """All that is defined, as it was at one moment."""

    generation: int
    """Grows with every change, by whichever server."""
    extensions: tuple[Extension, ...]
    """By id; without those that are being removed."""
    keys: tuple[IdentificationKey, ...]
    """By id; without those that are being built or removed."""


class SchemaRegister(Protocol):
    """Extensions and keys that can be seen."""

    async def generation(self) -> int:
        """The present generation."""

    async def read(self) -> KeptSchemas:
        """All that is defined."""

    async def add_extension(self, extension: Extension, *, in_any_mode: bool, audit: AuditRecord) -> Extension:
        """Keep a new extension; returns it with its id. With `in_any_mode`, production does not refuse it.

        Raises:
            NameTaken: The subject has one of that name, perhaps one that is being removed.
        """


class ExtensionRemoval(Protocol):
    """What an extension goes by, piece by piece; each may be done again."""

    async def hide(self, subject: Subject, name: str) -> int:
        """Let nobody see an extension any more; returns its id. One that is hidden already stays so, in any mode.

        Raises:
            NoSuchExtension: There is none of that name.
            ExtensionInUse: An identification key is on it.
        """

    async def count_records(self, extension: int) -> int:
        """How many records it has."""

    async def remove_records(self, extension: int, *, limit: int) -> int:
        """Remove at most so many of its records, in any mode; returns how many there were, 0 when none are left."""

    async def forget(self, extension: int) -> None:
        """Forget the extension itself, in any mode, which has no records any more."""


class KeyBuilding(Protocol):
    """What a key comes and goes by, piece by piece; each may be done again."""

    async def begin_key(self, key: IdentificationKey) -> IdentificationKey:
        """Keep a key that nobody sees yet; returns it with its id, which is the same when it was begun before.

        Raises:
            NameTaken: There is another of that name, perhaps one that is being removed.
            NoSuchExtension: The extension that it is on is not there any more.
        """

    async def count_customers(self) -> int:
        """How many customers there are."""

    async def add_entries(
        self, schemas: Schemas, key: IdentificationKey, *, after: str | None, limit: int
    ) -> tuple[str, ...]:
        """Make the entries of the next customers by id, at most so many; returns their ids, which are none at the end.

        They are those after `after`, and fewer than `limit` where they have many values or records.

        Raises:
            DuplicateKeyValues: The key is unique, and two customers have the same values.
        """

    async def finish_key(self, key: int) -> None:
        """Let a key be seen, which has all its entries."""

    async def hide_key(self, name: str) -> int:
        """Let nobody see a key any more; returns its id. One that is hidden already stays so, in any mode.

        Raises:
            NoSuchKey: There is none of that name.
        """

    async def remove_entries(self, key: int, *, limit: int) -> int:
        """Remove at most so many of its entries, in any mode; returns how many there were, 0 when none are left."""

    async def forget_key(self, key: int) -> None:
        """Forget the key itself, in any mode, which has no entries any more. Idempotent."""
