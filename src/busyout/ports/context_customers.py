"""What is kept of customers. Each method is one unit of work, as in `ports.store`.

Those that write raise `ModeNotAllowed` when the mode is no longer production.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from busyout.domain.audit import AuditRecord
from busyout.domain.context.customer import Customer, Imported
from busyout.domain.context.identify import Question
from busyout.domain.context.importing import Given
from busyout.domain.context.schema import Extension, IdentificationKey, Schemas

Change = Callable[[Customer], Customer]
"""Makes a customer another one, or refuses to."""


class CustomerRegister(Protocol):
    """Customers, written."""

    async def add(self, customer: Customer, schemas: Schemas, *, audit: AuditRecord) -> None:
        """Keep a new customer and what it is found under.

        Raises:
            UniqueValueTaken: Another customer has the same values of a unique key.
        """

    async def change(self, customer: str, change: Change, schemas: Schemas, *, audit: AuditRecord) -> None:
        """Put what `change` makes of a customer in its place, in one act; whatever `change` raises is raised.

        Raises:
            NoSuchCustomer: There is none of that id.
            UniqueValueTaken: Another customer has the same values of a unique key.
        """

    async def remove(self, customer: str, *, audit: AuditRecord) -> None:
        """Forget a customer with its records, its services, and what it is found under.

        Raises:
            NoSuchCustomer: There is none of that id.
        """


class CustomerIndex(Protocol):
    """Customers, read."""

    async def find(self, customer: str, extensions: tuple[Extension, ...]) -> Customer:
        """One customer, with its records of some extensions.

        Raises:
            NoSuchCustomer: There is none of that id.
        """

    async def identify(self, question: Question, *, limit: int) -> tuple[str, ...]:
        """Ids of at most `limit` customers that are found under a digest, by id."""


class Intake(Struct, frozen=True):
    """An import that is being carried out."""

    id: int
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
    revision: int | None
    """Of the customer that it changes; None for a new one."""


class CustomerIntake(Protocol):
    """Many customers at once: put aside, where nobody sees them, then taken in all together."""

    async def begin(self, slot: str, *, live: frozenset[str]) -> int:
        """Begin an import in the slot of this server, which carries out no other; returns its id.

        Raises:
            ImportRunning: A server in one of the slots `live` carries out one.
        """

    async def find_known(self, intake: Intake, digests: Sequence[str]) -> dict[str, Known | None]:
        """Customers that are found under digests, with all their records; None where there are several.

        They may be of different moments.
        """

    async def put_aside(self, intake: Intake, rows: Sequence[Prepared], *, again: bool) -> None:
        """Keep what rows will make, in the place of what was kept of them before where it is done `again`.

        Raises:
            ImportRunning: Another server has begun one, because it took this one for dead.
            UniqueValueTaken: Two rows would be the same customer, or have the same values of a unique key; the message
                names them.
        """

    async def outrun(self, intake: Intake, *, limit: int) -> tuple[Line, ...]:
        """Rows that were put aside and whose customers have been made, changed or removed since; at most so many."""

    async def check_unique(self, intake: Intake) -> None:
        """Let an import pass whose unique keys fit those of all other customers at present.

        Raises:
            UniqueValueTaken: The message names the row.
        """

    async def take_in(self, intake: Intake, *, audit: AuditRecord) -> Imported | None:
        """Put all in their place, in one act; None, and nothing done, where `outrun` or `check_unique` have to be asked
        anew. The audit entry is given the counts.

        Raises:
            ModeNotAllowed: The mode is not production.
            ImportRunning: As of `put_aside`, or keys were added or removed.
        """

    async def drop(self, *, limit: int) -> int:
        """Remove at most so many rows of imports that are not carried out any more; 0 when none are left."""

    async def end(self, slot: str) -> None:
        """No import is carried out in that slot any more. Idempotent."""
