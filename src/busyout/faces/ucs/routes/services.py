"""Services (pages "Service Operations"): conversations that a customer has over hours or weeks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from busyout.faces.ucs.routes.base import DONE, Base
from busyout.faces.ucs.routes.courses import WHICH, Course, Kind, reading
from busyout.faces.ucs.translate import courses, telling
from busyout.http import Reply, Request, RequestClass, Route
from busyout.wire.ucs import privileges as may
from busyout.wire.ucs.messages import ServiceId, encoded

SERVICE: Final = Kind(
    subject=courses.Subject.SERVICE,
    started=ServiceId,
    creates=may.CREATE_SERVICE_EXTENSION,
    reads=may.READ_SERVICE_EXTENSION,
)


@dataclass(frozen=True, slots=True)
class Services:
    """What only services have."""

    base: Base

    async def associate(self, request: Request[object, None]) -> Reply:
        """Let a service belong to a customer."""
        customer = request.path["customer"]
        await self.base.services.courses.associate(request.caller, customer, courses.service_of(request.path))
        return DONE

    async def delete(self, request: Request[None, None]) -> Reply:
        """Forget a service with its states and tasks (8.5)."""
        await self.base.services.courses.delete_service(request.caller, courses.service_of(request.path))
        return DONE


@dataclass(frozen=True, slots=True)
class Lists:
    """Services of a customer or of a contact, all of them or some."""

    base: Base
    which: courses.Which

    async def of_customer(self, request: Request[None, courses.Selection]) -> Reply:
        """Services of a customer."""
        wanted = self._wanted(request)
        found = await self.base.services.course_queries.of_customer(request.path["customer"], wanted)
        return Reply(body=encoded(telling.told_all(found, wanted.views)))

    async def of_contact(self, request: Request[None, courses.Selection]) -> Reply:
        """Services of somebody who is not known as a customer."""
        wanted = self._wanted(request)
        found = await self.base.services.course_queries.of_contact(request.path["contact"], wanted)
        return Reply(body=encoded(telling.told_all(found, wanted.views)))

    def _wanted(self, request: Request[None, courses.Selection]) -> courses.ServiceQuery:
        wanted = courses.query_of(request.query, self.which)
        reading(self.base, SERVICE, request.caller, wanted.views)
        return wanted


def routes(base: Base) -> Iterator[Route]:
    """Services, and the lists of them."""
    service, several, kind = Course(base, SERVICE), Services(base), RequestClass.DATA
    one, read = "/services/{service}", (may.READ_SERVICE,)
    yield base.write("POST", "/services/start", service.start, (may.START_SERVICE,), kind)
    yield base.write("POST", f"{one}/end", service.end, (may.STOP_SERVICE,), kind)
    yield base.read(one, service.one, read, kind, query=courses.Asked)
    yield base.write("DELETE", one, several.delete, (may.DELETE_SERVICE,), kind)
    extension = f"{one}/extensions/{{extension}}"
    yield base.write("PUT", extension, service.put_extension, (may.UPDATE_SERVICE_EXTENSION,), kind)
    associate = "/customers/{customer}/services/{service}"
    yield base.write("POST", associate, several.associate, (may.START_SERVICE,), kind)
    for last, which in WHICH:
        lists = Lists(base, which)
        yield base.read(
            f"/customers/{{customer}}/services{last}", lists.of_customer, read, kind, query=courses.Selection
        )
        anonymous = f"/services/anonymous/{{contact}}{last}"
        yield base.read(anonymous, lists.of_contact, read, kind, query=courses.Selection)
