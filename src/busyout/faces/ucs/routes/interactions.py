"""Interactions, read only (page "Query Interactions")."""

from collections.abc import Iterator
from dataclasses import dataclass

from busyout.faces.ucs.routes.base import Base
from busyout.faces.ucs.translate import courses, interactions
from busyout.http import Reply, Request, RequestClass, Route
from busyout.wire.ucs import privileges as may
from busyout.wire.ucs.messages import encoded

FORMS = ("plain_text", "structured_text", "binary_content")
"""Last segments of the addresses of what was said."""

HARMLESS = (("Content-Security-Policy", "sandbox; default-src 'none'"),)
"""What customers have written must run nothing where an operator reads it in a browser."""


@dataclass(frozen=True, slots=True)
class Interactions:
    """The handlers."""

    base: Base

    async def of_customer(self, request: Request[None, None]) -> Reply:
        """Interactions with a customer."""
        found = await self.base.services.interactions.of_customer(request.path["customer"])
        return Reply(body=encoded([interactions.told(one, self.base.prefix) for one in found]))

    async def of_service(self, request: Request[None, None]) -> Reply:
        """Interactions of a service."""
        found = await self.base.services.interactions.of_service(courses.service_of(request.path))
        return Reply(body=encoded([interactions.told(one, self.base.prefix) for one in found]))

    async def one(self, request: Request[None, None]) -> Reply:
        """One interaction, as a list of one."""
        found = await self.base.services.interactions.one(request.path["interaction"])
        return Reply(body=encoded([interactions.told(found, self.base.prefix)]))


@dataclass(frozen=True, slots=True)
class Content:
    """What was said, in one form."""

    base: Base
    form: str

    async def read(self, request: Request[None, None]) -> Reply:
        """What was said."""
        found = await self.base.services.interactions.content(request.path["interaction"], self.form)
        return Reply(body=found.data, media_type=found.media_type, headers=HARMLESS)


def routes(base: Base) -> Iterator[Route]:
    """Interactions and their contents."""
    service, kind, read = Interactions(base), RequestClass.DATA, (may.READ_INTERACTION,)
    yield base.read("/customers/{customer}/interactions", service.of_customer, read, kind)
    yield base.read("/services/{service}/interactions", service.of_service, read, kind)
    yield base.read("/interactions/{interaction}", service.one, read, kind)
    for form in FORMS:
        yield base.read(f"/interactions/{{interaction}}/{form}", Content(base, form).read, read, kind)
