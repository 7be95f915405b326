"""Exports of services with their states and tasks (8.5), to files and in an answer."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Final, Protocol

from busyout.domain.context.course import MAX_TOLD, Course, as_told
from busyout.domain.context.schema import Subject
from busyout.domain.context.upkeep import ExportRequest
from busyout.domain.errors import InvalidValue
from busyout.domain.operator import Caller
from busyout.ports.clock import Clock
from busyout.ports.context_courses import CourseIndex
from busyout.ports.exports import ExportFolder
from busyout.services.audit import Audit
from busyout.services.context.business import BusinessAttributes

BATCH: Final = 100
"""Services that are looked at at once."""

FILES: Final = (("services", Subject.SERVICE), ("states", Subject.STATE), ("tasks", Subject.TASK))


class Notation(Protocol):
    """How a face writes an export."""

    @property
    def suffix(self) -> str:
        """Of the names of files, without a dot."""

    @property
    def heading(self) -> bytes:
        """What each file begins with."""

    def line(self, course: Course) -> bytes:
        """One service, state or task."""


class Exporting:
    """Exports services."""

    def __init__(
        self, store: CourseIndex, folder: ExportFolder | None, business: BusinessAttributes, audit: Audit, clock: Clock
    ) -> None:
        """`folder` is None where nothing may be exported to files."""
        self._store = store
        self._folder = folder
        self._business = business
        self._audit = audit
        self._clock = clock

    async def export_files(self, caller: Caller, wanted: ExportRequest, notation: Notation) -> tuple[str, ...]:
        """Write services, states and tasks to a file each; returns the names of the files.

        Raises:
            InvalidValue: The settings name no directory for exports.
            NotStored: The files cannot be written.
        """
        if self._folder is None:
            raise InvalidValue("the settings name no directory for exports: context.export_directory")
        stamp = datetime.fromtimestamp(self._clock.now(), UTC).strftime("%Y%m%dT%H%M%S%fZ")
        names = {subject: f"{word}-{stamp}.{notation.suffix}" for word, subject in FILES}
        await self._audit.record(caller, "services.export", "context", after={"files": list(names.values())})
        await self._folder.write(tuple(names.values()), self._pieces(wanted, names, notation))
        return tuple(names.values())

    async def exported(self, wanted: ExportRequest) -> tuple[Course, ...]:
        """Services by id, each followed by its states and tasks; at most `MAX_TOLD` of all these.

        Raises:
            InvalidValue: There are more; the message says how to ask for fewer.
        """
        found: list[Course] = []
        async for courses in self._parts(wanted):
            found += courses
            if len(found) > MAX_TOLD:
                raise InvalidValue(
                    f"that is more than {MAX_TOLD} services, states and tasks; ask for a shorter time, or for files"
                )
        return tuple(found)

    async def _pieces(
        self, wanted: ExportRequest, names: Mapping[Subject, str], notation: Notation
    ) -> AsyncIterator[tuple[str, bytes]]:
        for name in names.values():
            yield name, notation.heading
        async for courses in self._parts(wanted):
            for subject, name in names.items():
                yield name, b"".join(notation.line(course) for course in courses if course.subject is subject)

    async def _parts(self, wanted: ExportRequest) -> AsyncIterator[tuple[Course, ...]]:
        until = self._clock.now() if wanted.time_to is None else wanted.time_to
        after: int | None = 0
        while after is not None:
            found = await self._store.page(wanted, until=until, after=after, limit=BATCH)
            yield tuple(as_told(course, self._business.told) for course in found.courses)
            after = found.after
