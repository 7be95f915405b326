"""What is defined, at hand: read from the store when it has changed there."""

from dataclasses import dataclass

from busyout.domain.audit import AuditRecord
from busyout.domain.context.attribute import Attribute
from busyout.domain.context.schema import Extension, Schemas
from busyout.ports.context_courses import Remains, ServicePurge
from busyout.ports.context_schemas import ExtensionRemoval, KeyBuilding, SchemaRegister


class SchemaBook:
    """The schemas as this process knows them."""

    def __init__(self, register: SchemaRegister, core: tuple[Attribute, ...]) -> None:
        self._register = register
        self._core = core
        self._generation: int | None = None
        self._schemas = Schemas(core=core)

    @property
    def schemas(self) -> Schemas:
        """All that is defined, as it was at the last `refresh`."""
        return self._schemas

    async def add(self, extension: Extension, *, in_any_mode: bool, audit: AuditRecord) -> Extension:
        """Keep a new extension and take it in; see `SchemaRegister.add_extension`."""
        added = await self._register.add_extension(extension, in_any_mode=in_any_mode, audit=audit)
        await self.refresh()
        return added

    async def refresh(self) -> None:
        """Take in what was defined or removed since, here or by another server."""
        if self._generation == await self._register.generation():
            return
        kept = await self._register.read()
        if self._generation is None or kept.generation > self._generation:  # a slower reading changes nothing back
            self._generation = kept.generation
            self._schemas = Schemas(self._core, kept.extensions, kept.keys)


@dataclass(frozen=True, slots=True)
class Definitions:
    """What the steps of operations on the context of customers may use."""

    book: SchemaBook
    removal: ExtensionRemoval
    purge: ServicePurge
    building: KeyBuilding
    remains: Remains
