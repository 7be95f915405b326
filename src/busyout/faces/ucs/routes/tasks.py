"""Tasks of a service, within a state of it or beside them (pages "Task Operations")."""

from collections.abc import Iterator
from typing import Final

from busyout.faces.ucs.routes.base import Base
from busyout.faces.ucs.routes.courses import WHICH, Course, Kind, Parts
from busyout.faces.ucs.translate import courses
from busyout.http import RequestClass, Route
from busyout.wire.ucs import privileges as may
from busyout.wire.ucs.messages import TaskId

TASK: Final = Kind(
    subject=courses.Subject.TASK,
    started=TaskId,
    creates=may.CREATE_TASK_EXTENSION,
    reads=may.READ_TASK_EXTENSION,
)


def routes(base: Base) -> Iterator[Route]:
    """Tasks."""
    task, kind, path = Course(base, TASK), RequestClass.DATA, "/services/{service}/tasks"
    one, read = f"{path}/{{task}}", (may.READ_TASK,)
    yield base.write("POST", f"{path}/start", task.start, (may.START_TASK,), kind)
    yield base.write("POST", f"{one}/end", task.end, (may.STOP_TASK,), kind)
    extension = f"{one}/extensions/{{extension}}"
    yield base.write("PUT", extension, task.put_extension, (may.UPDATE_TASK_EXTENSION,), kind)
    for last, which in WHICH:
        several = Parts(base, TASK, courses.tasks_of, which)
        yield base.read(path + last, several.of_service, read, kind, query=courses.TaskSelection)
    yield base.read(one, task.one, read, kind, query=courses.TaskAsked)
