"""What is kept of interactions. Each method is one unit of work, as in `ports.store`."""

from collections.abc import Mapping
from typing import Protocol

from busyout.domain.audit import AuditRecord
from busyout.domain.context.interaction import Content, Interaction


class InteractionLog(Protocol):
    """Interactions, written once and read."""

    async def add(self, interaction: Interaction, contents: Mapping[str, Content], *, audit: AuditRecord) -> None:
        """Keep an interaction and what was said, by its form.

        Raises:
            NameTaken: There is one of that id.
            NoSuchCustomer, NoSuchService: It is of one that there is not.
            ModeNotAllowed: The mode is no longer production.
        """

    async def find(self, interaction: str) -> Interaction:
        """One interaction.

        Raises:
            NoSuchInteraction: There is none of that id.
        """

    async def of_customer(self, customer: str, *, limit: int) -> tuple[Interaction, ...]:
        """The newest interactions with a customer, in the order of their time.

        Raises:
            NoSuchCustomer: There is no customer of that id.
        """

    async def of_service(self, service: int, *, limit: int) -> tuple[Interaction, ...]:
        """The newest interactions of a service, in the order of their time.

        Raises:
            NoSuchService: There is none of that id.
        """

    async def content(self, interaction: str, form: str) -> Content:
        """What was said, in one form.

        Raises:
            NoSuchInteraction: There is none of that id, or not in that form.
        """
