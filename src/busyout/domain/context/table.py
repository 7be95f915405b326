"""Lines of CSV (RFC 4180), as services are exported."""

from collections.abc import Iterable
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How texts begin that a spreadsheet would take for a formula."""

SPECIAL: Final = frozenset(',"\r\n')
"""Characters for which a value is quoted."""


def csv_line(values: Iterable[object]) -> bytes:
    """One line. A text that a spreadsheet would calculate has an apostrophe before it."""
    return (",".join(_field(value) for value in values) + "\r\n").encode()


def _field(value: object) -> str:
    if value is None:
        return ""
    text = f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else str(value)
    return '"' + text.replace('"', '""') + '"' if SPECIAL & set(text) else text
