"""Tasks of a service, within a state of it or beside them (pages "Task Operations")."""

from collections.abc import Iterator
from dataclasses import dataclass

from busyout.faces.ucs.routes.base import DONE, Base
from busyout.faces.ucs.routes.services import WHICH
from busyout.faces.ucs.translate import asked, courses
from busyout.http import Reply, Request, RequestClass, Route
from busyout.wire.ucs import privileges as may
from busyout.wire.ucs.messages import TaskId, encoded


@dataclass(frozen=True, slots=True)
class Tasks:
    """The handlers."""

    base: Base

    async def start(self, request: Request[object, None]) -> Reply:
        """Begin a task of a service."""
        document, service = self._document(request), courses.service_id(request.path)
        number = await self.base.services.courses.start_task(request.caller, service, document)
        return self.base.created(f"/services/{service}/tasks/{number}", TaskId(number))

    async def end(self, request: Request[object, None]) -> Reply:
        """End a task."""
        document, service = self._document(request), courses.service_id(request.path)
        await self.base.services.courses.end_task(request.caller, service, courses.task_id(request.path), document)
        return DONE

    async def one(self, request: Request[None, courses.Asked]) -> Reply:
        """A task."""
        extensions = asked.names_of(request.query.extensions)
        if extensions:
            self.base.rights.also(request.caller, may.READ_TASK_EXTENSION)
        service, task = courses.service_id(request.path), courses.task_id(request.path)
        return Reply(body=encoded(await self.base.services.course_queries.task(service, task, extensions=extensions)))

    async def put_extension(self, request: Request[object, None]) -> Reply:
        """Put records in the place of those that a task has of an extension."""
        place = courses.task_place(request.path)
        extension = request.path["extension"]
        await self.base.services.courses.put_extension(request.caller, place, extension, request.body)
        return DONE

    def _document(self, request: Request[object, None]) -> dict[str, object]:
        document = asked.document_of(request.body)
        if courses.has_extensions(document):
            self.base.rights.also(request.caller, may.CREATE_TASK_EXTENSION)
        return document


@dataclass(frozen=True, slots=True)
class Lists:
    """Tasks of a service, all of them or some."""

    base: Base
    which: courses.Which

    async def of_service(self, request: Request[None, courses.TaskSelection]) -> Reply:
        """Tasks of a service."""
        wanted = courses.tasks_of(request.query, self.which)
        if wanted.extensions:
            self.base.rights.also(request.caller, may.READ_TASK_EXTENSION)
        found = await self.base.services.course_queries.tasks(courses.service_id(request.path), wanted)
        return Reply(body=encoded(found))


def routes(base: Base) -> Iterator[Route]:
    """Tasks."""
    service, kind, path = Tasks(base), RequestClass.DATA, "/services/{service}/tasks"
    one, read = f"{path}/{{task}}", (may.READ_TASK,)
    yield base.write("POST", f"{path}/start", service.start, (may.START_TASK,), kind)
    yield base.write("POST", f"{one}/end", service.end, (may.STOP_TASK,), kind)
    extension = f"{one}/extensions/{{extension}}"
    yield base.write("PUT", extension, service.put_extension, (may.UPDATE_TASK_EXTENSION,), kind)
    for last, which in WHICH:
        yield base.read(path + last, Lists(base, which).of_service, read, kind, query=courses.TaskSelection)
    yield base.read(one, service.one, read, kind, query=courses.Asked)
