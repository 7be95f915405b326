"""Many customers at once: nobody sees them until all of them are taken in. Each method is one unit of work."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from busyout.domain.audit import AuditRecord
from busyout.domain.context.customer import Customer
from busyout.domain.context.importing import Given, Imported
from busyout.domain.context.schema import Extension, IdentificationKey, Schemas
from busyout.domain.context.span import Span


class Intake(Struct, frozen=True):
    """An import that is being carried out."""

    id: int
    family: str
    """How the ids of its new customers begin; the row after those that are left out has the number 0."""
    skipped: int
    """Rows that are left out at the beginning."""
    schemas: Schemas
    key: IdentificationKey | None
    """By which rows are customers that there are; None where all of them are new."""
    extensions: tuple[Extension, ...]
    """Those whose records the rows replace."""


class Known(Struct, frozen=True):
    """A customer whom a row changes."""

    customer: Customer
    revision: int
    """Grows with every change."""


class Line(Struct, frozen=True):
    """A row as the file has it."""

    row: int
    given: Given
    digest: str | None
    """What its customer is found under; None where it is a new one."""


class Prepared(Struct, frozen=True):
    """What a row will make."""

    line: Line
    customer: Customer
    known: Known | None
    """The customer that it changes; None for a new one."""


class IntakeRegister(Protocol):
    """Which import is carried out, and what is left of others."""

    async def begin(self, slot: str, family: str, *, live: frozenset[str]) -> int:
        """Begin an import in the slot of this server, which carries out no other; returns its id.

        Raises:
            ImportRunning: A server in one of the slots `live` carries out one.
        """

    async def end(self, slot: str) -> None:
        """No import is carried out in that slot any more. Idempotent."""

    async def drop(self, *, limit: int) -> int:
        """Remove at most so many rows of each table that imports have left that are not carried out any more; 0 when
        none are left."""


class IntakeRows(Protocol):
    """What the rows of an import will make.

    Those that write raise `ModeNotAllowed` when the mode is not production, and `ImportRunning` when another server has
    begun an import, because it took this one for dead.
    """

    async def find_known(self, intake: Intake, digests: Sequence[str]) -> dict[str, Known | None]:
        """Customers that are found under digests, with all their records; None where there are several.

        They may be of different moments.
        """

    async def put_aside(self, intake: Intake, rows: Sequence[Prepared], *, members: int, again: bool) -> None:
        """Keep what rows will make, in the place of what was kept of them before where it is done `again`. New
        customers have ids with numbers below `members`.

        Raises:
            UniqueValueTaken: Two rows would be the same customer; the message names them.
        """

    async def outrun(self, intake: Intake, span: Span, *, limit: int) -> tuple[Line, ...]:
        """Rows that were put aside and whose customers have been made, changed or removed since; at most so many, of
        those that find their customers in a span."""

    async def check_unique(self, intake: Intake, span: Span) -> None:
        """Let an import pass whose rows are different customers, and whose unique keys fit in a span: to one another,
        and to those of all other customers at present.

        Raises:
            UniqueValueTaken: The message names the row, or two.
        """


class IntakePlaces(Protocol):
    """Where what an import makes is put. These raise what those of `IntakeRows` raise that write."""

    async def place(self, intake: Intake, span: Span) -> bool:
        """Put in its place what new customers will be found under in a span, unseen; whether all of it could be, and
        no other customer is in the way. Idempotent."""

    async def take_in(self, intake: Intake, left: Sequence[Span], *, audit: AuditRecord) -> Imported | None:
        """Let all be seen, in one act, the changes to customers that there were included; None, and nothing done, where
        `outrun` or `check_unique` have to be asked anew. `left` is where somebody was in the way. The audit entry is
        given the counts.

        Raises:
            ImportRunning: As of the others, or keys were added or removed.
        """


class CustomerIntake(IntakeRegister, IntakeRows, IntakePlaces, Protocol):
    """All of it."""
