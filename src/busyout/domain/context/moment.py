"""Dates and moments as texts: the forms of ISO 8601 that are read, and the one that is kept."""

import re
from typing import Final

DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)

MOMENT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:(Z)|([+-])(\d\d):?(\d\d))", re.ASCII
)
"""Always with `Z` or an offset: a local time without one is no moment."""

LONGEST: Final = 40
"""Characters of the longest text that is looked at."""

MINUTES_OF_DAY: Final = 24 * 60

FIRST_DAY: Final = 0
LAST_DAY: Final = 3_652_058
"""Days of the years 1 to 9999, counted from the first."""

EPOCH: Final = 719_162
"""The day on which the epoch begins."""

MIDNIGHT: Final = "T00:00:00.000Z"

DAYS_BEFORE: Final = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)
"""Days of a common year before each month."""


def date_of(text: str) -> str | None:
    """`yyyy-MM-dd` of a date, or of the midnight in UTC at which it begins; None when it is neither."""
    if len(text) <= LONGEST and (found := DATE.fullmatch(text)):
        return text if _day(*(int(part) for part in found.groups())) is not None else None
    moment = moment_of(text)
    return moment.removesuffix(MIDNIGHT) if moment is not None and moment.endswith(MIDNIGHT) else None


def moment_of(text: str) -> str | None:
    """`yyyy-MM-ddTHH:mm:ss.SSSZ` of a moment, cut to milliseconds, or of a date's midnight; None when neither."""
    if len(text) > LONGEST:
        return None
    if DATE.fullmatch(text):
        return None if date_of(text) is None else f"{text}{MIDNIGHT}"
    found = MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, date, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    day = _day(year, month, date)
    offset = _offset(found)
    if day is None or offset is None or hour > 23 or minute > 59 or second > 59:
        return None
    carried, of_day = divmod(hour * 60 + minute - offset, MINUTES_OF_DAY)
    told = _told(day + carried)
    milliseconds = (found[7] or "").ljust(3, "0")[:3]
    return None if told is None else f"{told}T{of_day // 60:02}:{of_day % 60:02}:{second:02}.{milliseconds}Z"


def seconds_of(moment: str) -> float:
    """Seconds since the epoch of a text that `moment_of` has returned."""
    year = int(moment[:4])
    month, date, hour, minute = (int(moment[place : place + 2]) for place in (5, 8, 11, 14))
    day = _before_year(year) + _before_month(year, month) + date - 1
    return (day - EPOCH) * 86_400 + hour * 3600 + minute * 60 + int(moment[17:19]) + int(moment[20:23]) / 1000


def text_of(seconds: float) -> str:
    """The text, as `moment_of` returns it, of a time within the years 1 to 9999; to the millisecond."""
    milliseconds = round(seconds * 1000)
    day, of_day = divmod(milliseconds, 86_400_000)
    told = _told(day + EPOCH)
    if told is None:
        raise ValueError(f"{seconds} is in no year from 1 to 9999")
    minutes, rest = divmod(of_day, 60_000)
    return f"{told}T{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}Z"


def _offset(found: re.Match[str]) -> int | None:
    """Minutes ahead of UTC; None when there is no such offset."""
    if found[8]:
        return 0
    hours, minutes = int(found[10]), int(found[11])
    if hours > 23 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if found[9] == "-" else 1)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _before_month(year: int, month: int) -> int:
    """Days of the year before a month, 1 to 13."""
    return DAYS_BEFORE[month - 1] + (1 if month > 2 and _leap(year) else 0)


def _before_year(year: int) -> int:
    past = year - 1
    return past * 365 + past // 4 - past // 100 + past // 400


def _day(year: int, month: int, date: int) -> int | None:
    """Number of a day, 0 for the first of the year 1; None when there is none."""
    if year < 1 or not 1 <= month <= 12:
        return None
    start = _before_month(year, month)
    return _before_year(year) + start + date - 1 if 1 <= date <= _before_month(year, month + 1) - start else None


def _told(day: int) -> str | None:
    if not FIRST_DAY <= day <= LAST_DAY:
        return None
    year = day * 400 // 146_097 + 1
    year += 1 if _before_year(year + 1) <= day else 0
    year -= 1 if _before_year(year) > day else 0
    of_year = day - _before_year(year)
    month = next(month for month in range(1, 13) if of_year < _before_month(year, month + 1))
    return f"{year:04}-{month:02}-{of_year - _before_month(year, month) + 1:02}"
