"""Services (pages "Service Operations"): conversations that a customer has over hours or weeks."""

from collections.abc import Iterator
from dataclasses import dataclass

from busyout.faces.ucs.routes.base import DONE, Base
from busyout.faces.ucs.translate import asked, courses
from busyout.http import Reply, Request, RequestClass, Route
from busyout.wire.ucs import privileges as may
from busyout.wire.ucs.messages import ServiceId, encoded

WHICH = (("", courses.Which.ALL), ("/active", courses.Which.ACTIVE), ("/completed", courses.Which.COMPLETED))
"""Last segment of an address, and what it selects."""


@dataclass(frozen=True, slots=True)
class Services:
    """The handlers."""

    base: Base

    async def start(self, request: Request[object, None]) -> Reply:
        """Start a service."""
        document = asked.document_of(request.body)
        if courses.has_extensions(document):
            self.base.rights.also(request.caller, may.CREATE_SERVICE_EXTENSION)
        number = await self.base.services.courses.start_service(request.caller, document)
        return self.base.created(f"/services/{number}", ServiceId(number))

    async def end(self, request: Request[object, None]) -> Reply:
        """End a service."""
        document = asked.document_of(request.body)
        if courses.has_extensions(document):
            self.base.rights.also(request.caller, may.CREATE_SERVICE_EXTENSION)
        await self.base.services.courses.end_service(request.caller, courses.service_id(request.path), document)
        return DONE

    async def associate(self, request: Request[object, None]) -> Reply:
        """Let a service belong to a customer."""
        customer = request.path["customer"]
        await self.base.services.courses.associate(request.caller, customer, courses.service_id(request.path))
        return DONE

    async def one(self, request: Request[None, courses.Asked]) -> Reply:
        """A service, with what is asked for of its states, tasks and extensions."""
        views = courses.views_of(request.query)
        self._reading(request, views.extensions)
        found = await self.base.services.course_queries.service(courses.service_id(request.path), views=views)
        return Reply(body=encoded(found))

    async def put_extension(self, request: Request[object, None]) -> Reply:
        """Put records in the place of those that a service has of an extension."""
        place, extension = courses.service_place(request.path), request.path["extension"]
        await self.base.services.courses.put_extension(request.caller, place, extension, request.body)
        return DONE

    async def delete(self, request: Request[None, None]) -> Reply:
        """Forget a service with its states and tasks (8.5)."""
        await self.base.services.courses.delete_service(request.caller, courses.service_id(request.path))
        return DONE

    def _reading(self, request: Request[None, courses.Asked], extensions: tuple[str, ...]) -> None:
        if extensions:
            self.base.rights.also(request.caller, may.READ_SERVICE_EXTENSION)


@dataclass(frozen=True, slots=True)
class Lists:
    """Services of a customer or of a contact, all of them or some."""

    base: Base
    which: courses.Which

    async def of_customer(self, request: Request[None, courses.Selection]) -> Reply:
        """Services of a customer."""
        wanted = self._wanted(request)
        found = await self.base.services.course_queries.of_customer(request.path["customer"], wanted)
        return Reply(body=encoded(found))

    async def of_contact(self, request: Request[None, courses.Selection]) -> Reply:
        """Services of somebody who is not known as a customer."""
        wanted = self._wanted(request)
        found = await self.base.services.course_queries.of_contact(request.path["contact"], wanted)
        return Reply(body=encoded(found))

    def _wanted(self, request: Request[None, courses.Selection]) -> courses.ServiceQuery:
        wanted = courses.query_of(request.query, self.which)
        if wanted.views.extensions:
            self.base.rights.also(request.caller, may.READ_SERVICE_EXTENSION)
        return wanted


def routes(base: Base) -> Iterator[Route]:
    """Services, and the lists of them."""
    service, kind = Services(base), RequestClass.DATA
    one, read = "/services/{service}", (may.READ_SERVICE,)
    yield base.write("POST", "/services/start", service.start, (may.START_SERVICE,), kind)
    yield base.write("POST", f"{one}/end", service.end, (may.STOP_SERVICE,), kind)
    yield base.read(one, service.one, read, kind, query=courses.Asked)
    yield base.write("DELETE", one, service.delete, (may.DELETE_SERVICE,), kind)
    extension = f"{one}/extensions/{{extension}}"
    yield base.write("PUT", extension, service.put_extension, (may.UPDATE_SERVICE_EXTENSION,), kind)
    associate = "/customers/{customer}/services/{service}"
    yield base.write("POST", associate, service.associate, (may.START_SERVICE,), kind)
    for last, which in WHICH:
        lists = Lists(base, which)
        yield base.read(
            f"/customers/{{customer}}/services{last}", lists.of_customer, read, kind, query=courses.Selection
        )
        anonymous = f"/services/anonymous/{{contact}}{last}"
        yield base.read(anonymous, lists.of_contact, read, kind, query=courses.Selection)
