"""What services, states and tasks are asked for alike; `services`, `states` and `tasks` have the addresses."""

from collections.abc import Callable
from dataclasses import dataclass

from busyout.faces.ucs.routes.base import DONE, Base
from busyout.faces.ucs.translate import asked, courses, starts, telling
from busyout.http import Caller, Reply, Request
from busyout.wire.ucs.messages import ServiceId, StateId, TaskId, encoded

WHICH = (("", courses.Which.ALL), ("/active", courses.Which.ACTIVE), ("/completed", courses.Which.COMPLETED))
"""Last segment of an address, and what it selects."""

Asked = courses.Asked | courses.TaskAsked


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The words by which services, states and tasks differ."""

    subject: courses.Subject
    started: Callable[[int], ServiceId | StateId | TaskId]
    """What a start is answered with."""
    creates: str
    """Privilege that records of extensions need where they come with a start or an end."""
    reads: str
    """Privilege that extensions need to be told."""


@dataclass(frozen=True, slots=True)
class Course:
    """The handlers of one kind."""

    base: Base
    kind: Kind

    async def start(self, request: Request[object, None]) -> Reply:
        """Start a service, or a state or a task of one."""
        document = said(self.base, self.kind, request.caller, asked.document_of(request.body))
        start, within = starts.start_of(self.kind.subject, document), courses.within(self.kind.subject, request.path)
        number = await self.base.services.courses.start(request.caller, start, service=within)
        place = courses.Place(self.kind.subject, number, within)
        return self.base.created(courses.address_of(place), self.kind.started(number))

    async def end(self, request: Request[object, None]) -> Reply:
        """End a service, a state or a task."""
        end = starts.end_of(said(self.base, self.kind, request.caller, asked.remark_of(request.body)))
        await self.base.services.courses.end(request.caller, courses.place_of(self.kind.subject, request.path), end)
        return DONE

    async def one(self, request: Request[None, Asked]) -> Reply:
        """A service, a state or a task, with what is asked for of what is within it, and its extensions."""
        views = courses.views_of(request.query)
        reading(self.base, self.kind, request.caller, views)
        place = courses.place_of(self.kind.subject, request.path)
        found = await self.base.services.course_queries.one(place, views)
        return Reply(body=encoded(telling.told_all(found, views)[0]))

    async def put_extension(self, request: Request[object, None]) -> Reply:
        """Put records in the place of those that a service, a state or a task has of an extension."""
        place, extension = courses.place_of(self.kind.subject, request.path), request.path["extension"]
        await self.base.services.courses.put_extension(request.caller, place, extension, request.body)
        return DONE


@dataclass(frozen=True, slots=True)
class Parts:
    """States or tasks of a service, all of them or some."""

    base: Base
    kind: Kind
    select: Callable[..., courses.PartQuery]
    which: courses.Which

    async def of_service(self, request: Request[None, courses.StateSelection | courses.TaskSelection]) -> Reply:
        """States or tasks of a service."""
        wanted = self.select(request.query, self.which)
        reading(self.base, self.kind, request.caller, wanted.views)
        found = await self.base.services.course_queries.parts(courses.service_of(request.path), wanted)
        return Reply(body=encoded(telling.told_all(found, wanted.views)))


def said(base: Base, kind: Kind, caller: Caller, document: dict[str, object]) -> dict[str, object]:
    """What a body says of a start or an end, by somebody who may say it with its extensions."""
    if starts.has_extensions(document):
        base.rights.also(caller, kind.creates)
    return document


def reading(base: Base, kind: Kind, caller: Caller, views: courses.Views) -> None:
    """Let those pass who may be told the extensions that they ask for."""
    if views.extensions:
        base.rights.also(caller, kind.reads)
