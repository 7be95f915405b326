"""Upkeep of services (8.5): those that are old are forgotten, and all of them can be exported."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import msgspec

from busyout.domain.context.course import Course, told
from busyout.domain.context.schema import Subject
from busyout.domain.context.table import csv_line
from busyout.domain.context.upkeep import ExportRequest, Form, Purge
from busyout.domain.errors import InvalidValue
from busyout.domain.operator import Caller
from busyout.ports.clock import Clock
from busyout.ports.context_courses import CourseIndex, CourseRegister
from busyout.ports.exports import ExportFolder
from busyout.services.audit import Audit
from busyout.services.context.business import BusinessAttributes

BATCH: Final = 200
"""Services that are forgotten or read at once."""

MAX_STREAMED: Final = 10_000
"""Most services in one answer."""

COLUMNS: Final = (
    "service_id",
    "state_id",
    "task_id",
    "customer_id",
    "contact_key",
    "service_type",
    "state_type",
    "task_type",
    "est_duration",
    "started",
    "completed",
)
"""Of a file in CSV; `started` and `completed` are JSON."""

FILES: Final = (("services", Subject.SERVICE), ("states", Subject.STATE), ("tasks", Subject.TASK))


class CourseStore(CourseRegister, CourseIndex, Protocol):
    """What services are kept in."""


class Upkeep:
    """Purges and exports."""

    def __init__(
        self, store: CourseStore, folder: ExportFolder | None, business: BusinessAttributes, audit: Audit, clock: Clock
    ) -> None:
        """`folder` is None where nothing may be exported to files."""
        self._store = store
        self._folder = folder
        self._business = business
        self._audit = audit
        self._clock = clock

    async def purge(self, caller: Caller, limit: float, which: Purge) -> int:
        """Forget services that started, or ended where `which` says so, before a moment; returns how many.

        They go in small pieces, each of which stays done.
        """
        await self._audit.record(caller, "services.purge", which.value, after={"limit": limit})
        gone = 0
        while more := await self._store.purge(limit, which, limit=BATCH):
            gone += more
        return gone

    async def export_files(self, caller: Caller, wanted: ExportRequest) -> tuple[str, ...]:
        """Write services, states and tasks to a file each; returns the names of the files.

        Raises:
            InvalidValue: The settings name no directory for exports.
            NotStored: The files cannot be written.
        """
        if self._folder is None:
            raise InvalidValue("the settings name no directory for exports: context.export_directory")
        stamp = datetime.fromtimestamp(self._clock.now(), UTC).strftime("%Y%m%dT%H%M%S%fZ")
        names = {subject: f"{word}-{stamp}.{wanted.form.value}" for word, subject in FILES}
        await self._audit.record(caller, "services.export", "context", after={"files": list(names.values())})
        await self._folder.write({name: self._lines(wanted, subject) for subject, name in names.items()})
        return tuple(names.values())

    async def exported(self, wanted: ExportRequest) -> list[dict[str, Any]]:
        """Services, each followed by its states and tasks, by id; at most `MAX_STREAMED` services.

        Raises:
            InvalidValue: There are more; the message says how to ask for fewer.
        """
        found: list[dict[str, Any]] = []
        services = 0
        async for course in self._all(wanted):
            services += course.subject is Subject.SERVICE
            if services > MAX_STREAMED:
                raise InvalidValue(f"that is more than {MAX_STREAMED} services; ask for a shorter time")
            found.append(told(course, alone=True, put=self._business.told))
        return found

    async def _lines(self, wanted: ExportRequest, subject: Subject) -> AsyncIterator[bytes]:
        """A file in pieces: one line of JSON for each, or CSV with a heading."""
        if wanted.form is Form.CSV:
            yield csv_line(COLUMNS)
        async for course in self._all(wanted):
            if course.subject is subject:
                document = told(course, alone=True, put=self._business.told)
                yield _in_csv(document) if wanted.form is Form.CSV else msgspec.json.encode(document) + b"\n"

    async def _all(self, wanted: ExportRequest) -> AsyncIterator[Course]:
        until = self._clock.now() if wanted.time_to is None else wanted.time_to
        after = 0
        while page := await self._store.page(wanted, until=until, after=after, limit=BATCH):
            for course in page:
                yield course
            after = max(course.id for course in page if course.subject is Subject.SERVICE)


def _in_csv(document: dict[str, Any]) -> bytes:
    values = (document.get(column) for column in COLUMNS)
    return csv_line(msgspec.json.encode(value).decode() if isinstance(value, dict) else value for value in values)
