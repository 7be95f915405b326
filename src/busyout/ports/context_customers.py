"""What is kept of customers. Each method is one unit of work, as in `ports.store`.

Those that write raise `ModeNotAllowed` when the mode is no longer production.
"""

from collections.abc import Callable
from typing import Protocol

from busyout.domain.audit import AuditRecord
from busyout.domain.context.customer import Customer
from busyout.domain.context.identify import Question
from busyout.domain.context.schema import Extension, Schemas

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
