"""How exported services, states and tasks are written: as JSON, one in a line, or as CSV."""

from collections.abc import Mapping
from typing import ClassVar, Final

import msgspec

from busyout.domain.context.course import Course
from busyout.domain.context.table import csv_line
from busyout.faces.ucs.translate.telling import told

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


class Json:
    """One object in a line."""

    suffix: ClassVar[str] = "json"
    heading: ClassVar[bytes] = b""

    def line(self, course: Course) -> bytes:
        """One service, state or task."""
        return msgspec.json.encode(told(course, alone=True)) + b"\n"


class Csv:
    """A heading, and a line for each."""

    suffix: ClassVar[str] = "csv"
    heading: ClassVar[bytes] = csv_line(COLUMNS)

    def line(self, course: Course) -> bytes:
        """One service, state or task."""
        document = told(course, alone=True)
        values = (document.get(column) for column in COLUMNS)
        return csv_line(msgspec.json.encode(value).decode() if isinstance(value, dict) else value for value in values)


NOTATIONS: Final[Mapping[str, Json | Csv]] = {one.suffix: one for one in (Json(), Csv())}
"""By what a body calls them."""
