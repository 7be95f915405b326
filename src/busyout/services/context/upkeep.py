"""Exports of services (8.5), to files and in an answer."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from busyout.domain.context.course import MAX_TOLD, Course, told
from busyout.domain.context.schema import Subject
from busyout.domain.context.table import csv_line
from busyout.domain.context.upkeep import ExportRequest, Form
from busyout.domain.errors import InvalidValue
from busyout.domain.operator import Caller
from busyout.ports.clock import Clock
from busyout.ports.context_courses import CourseIndex
from busyout.ports.exports import ExportFolder
from busyout.services.audit import Audit
from busyout.services.context.business import BusinessAttributes

BATCH: Final = 100
"""Services that are looked at at once."""

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


class Upkeep:
    """Exports."""

    def __init__(
        self, store: CourseIndex, folder: ExportFolder | None, business: BusinessAttributes, audit: Audit, clock: Clock
    ) -> None:
        """`folder` is None where nothing may be exported to files."""
        self._store = store
        self._folder = folder
        self._business = business
        self._audit = audit
        self._clock = clock

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
        await self._folder.write(tuple(names.values()), self._pieces(wanted, names))
        return tuple(names.values())

    async def exported(self, wanted: ExportRequest) -> list[dict[str, Any]]:
        """Services by id, each followed by its states and tasks; at most `MAX_TOLD` of all these.

        Raises:
            InvalidValue: There are more; the message says how to ask for fewer.
        """
        found: list[dict[str, Any]] = []
        async for courses in self._parts(wanted):
            found += (told(course, alone=True, put=self._business.told) for course in courses)
            if len(found) > MAX_TOLD:
                raise InvalidValue(f"that is more than {MAX_TOLD} services, states and tasks; ask for a shorter time")
        return found

    async def _pieces(self, wanted: ExportRequest, names: Mapping[Subject, str]) -> AsyncIterator[tuple[str, bytes]]:
        """The files in pieces: one line of JSON for each course, or CSV with a heading."""
        line = _in_csv if wanted.form is Form.CSV else _in_json
        for name in names.values():
            yield name, csv_line(COLUMNS) if wanted.form is Form.CSV else b""
        async for courses in self._parts(wanted):
            for subject, name in names.items():
                own = (told(one, alone=True, put=self._business.told) for one in courses if one.subject is subject)
                yield name, b"".join(line(document) for document in own)

    async def _parts(self, wanted: ExportRequest) -> AsyncIterator[tuple[Course, ...]]:
        until = self._clock.now() if wanted.time_to is None else wanted.time_to
        after: int | None = 0
        while after is not None:
            found = await self._store.page(wanted, until=until, after=after, limit=BATCH)
            yield found.courses
            after = found.after


def _in_json(document: dict[str, Any]) -> bytes:
    return msgspec.json.encode(document) + b"\n"


def _in_csv(document: dict[str, Any]) -> bytes:
    values = (document.get(column) for column in COLUMNS)
    return csv_line(msgspec.json.encode(value).decode() if isinstance(value, dict) else value for value in values)
