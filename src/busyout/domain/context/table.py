"""Lines of CSV (RFC 4180), as services are exported."""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How texts begin that a spreadsheet would take for a formula."""


def csv_line(values: Iterable[object]) -> bytes:
    """One line. A text that a spreadsheet would calculate has an apostrophe before it."""
    line = StringIO()
    csv.writer(line).writerow(["" if value is None else _plain(value) for value in values])
    return line.getvalue().encode()


def _plain(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
