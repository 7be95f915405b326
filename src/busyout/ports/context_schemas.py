"""What is kept of extensions and identification keys. Each method is one unit of work, as in `ports.store`."""

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
    """Extensions and keys. Writes are refused unless the mode is maintenance, or where they say otherwise."""

    async def generation(self) -> int:
        """The present generation."""

    async def read(self) -> KeptSchemas:
        """All that is defined."""

    async def add_extension(self, extension: Extension, *, audit: AuditRecord) -> Extension:
        """Keep a new extension; returns it with its id.

        Raises:
            NameTaken: The subject has one of that name, perhaps one that is being removed.
            InvalidValue: There are too many.
        """


class ExtensionRemoval(Protocol):
    """What an extension goes by, piece by piece; each may be done again."""

    async def hide(self, subject: Subject, name: str) -> int:
        """Let nobody see an extension any more; returns its id. One that is hidden already stays so.

        Raises:
            NoSuchExtension: There is none of that name.
            ExtensionInUse: An identification key is on it.
        """

    async def show(self, extension: int) -> None:
        """Let it be seen again."""

    async def count_records(self, extension: int) -> int:
        """How many records it has."""

    async def remove_records(self, extension: int, *, limit: int) -> int:
        """Remove at most so many of its records; returns how many there were, 0 when none are left."""

    async def forget(self, extension: int) -> None:
        """Forget the extension itself, which has no records any more."""


class KeyRegister(Protocol):
    """Identification keys."""

    async def add_key(self, key: IdentificationKey, schemas: Schemas, *, audit: AuditRecord) -> IdentificationKey:
        """Keep a new key and the entries of all customers that there are; returns it with its id.

        Raises:
            NameTaken: There is one of that name.
            NoSuchExtension: The extension that it is on is not there any more.
            DuplicateKeyValues: It is unique, and two customers have the same values.
            InvalidValue: There are too many.
        """

    async def remove_key(self, name: str, *, audit: AuditRecord) -> None:
        """Forget a key and its entries.

        Raises:
            NoSuchKey: There is none of that name.
        """
