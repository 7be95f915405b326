"""Interactions: kept as they are handed over, and read."""

from collections.abc import Mapping
from typing import Final

from busyout.domain.context.interaction import Content, Interaction
from busyout.domain.operator import Caller, Level, require
from busyout.ports.context_interactions import InteractionLog
from busyout.services.audit import Audit

MAX_LISTED: Final = 1000
"""Most interactions in one answer: the newest."""


class Interactions:
    """Keeps interactions."""

    def __init__(self, log: InteractionLog, audit: Audit) -> None:
        self._log = log
        self._audit = audit

    async def add(self, caller: Caller, interaction: Interaction, contents: Mapping[str, Content]) -> None:
        """Keep an interaction that a media server hands over, with what was said by its form.

        Raises:
            NotPermitted: The caller is no administrator.
            NameTaken, NoSuchCustomer, NoSuchService
        """
        require(caller, Level.ADMINISTRATOR)
        audit = self._audit.entry(caller, "interaction.add", interaction.id)
        await self._log.add(interaction, contents, audit=audit)

    async def one(self, interaction: str) -> Interaction:
        """One interaction.

        Raises:
            NoSuchInteraction: There is none of that id.
        """
        return await self._log.find(interaction)

    async def of_customer(self, customer: str) -> tuple[Interaction, ...]:
        """The newest interactions with a customer, in the order of their time."""
        return await self._log.of_customer(customer, limit=MAX_LISTED)

    async def of_service(self, service: int) -> tuple[Interaction, ...]:
        """The newest interactions of a service, in the order of their time."""
        return await self._log.of_service(service, limit=MAX_LISTED)

    async def content(self, interaction: str, form: str) -> Content:
        """What was said, in one form.

        Raises:
            NoSuchInteraction: There is none of that id, or not in that form.
        """
        return await self._log.content(interaction, form)
