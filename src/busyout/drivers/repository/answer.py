"""What the head of an HTTP answer means for a file that was asked for. No I/O."""

import re
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from busyout.drivers.repository.arrival import Answer, Arrival, Redirect, Resume
from busyout.drivers.repository.trouble import Unreadable

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be another one a little later."""

REASONS = {
    401: "it wants other credentials",
    403: "it refuses",
    404: "there is no such file",
    407: "the proxy wants other credentials",
    410: "there is no such file any more",
}
RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
STRONG_AFTER = timedelta(seconds=1)
"""How much older than the answer a date must be, so that no two versions can bear it (RFC 9110, 8.8.2.2)."""


def read_answer(
    status: int, headers: Mapping[str, str], resume: Resume | None, chunks: AsyncGenerator[bytes, None]
) -> Answer:
    """The file that comes, or where it is.

    Raises:
        Unreadable: It is neither.
    """
    if status in REDIRECTS and headers.get("Location"):
        return Redirect(headers["Location"])
    if status == 200:
        total = digits(headers.get("Content-Length"))
        return Arrival(0, total, validator_of(headers), headers.get("ETag"), chunks)
    if status == 206 and resume is not None:
        return continued(headers, resume, chunks)
    if status == 416 and resume is not None:
        raise Unreadable("it is not the file any more that was begun", passing=True, anew=True)
    reason = REASONS.get(status, "it gives no file")
    raise Unreadable(f"{reason} ({status})", passing=status in PASSING, after=retry_after(headers))


def continued(headers: Mapping[str, str], resume: Resume, chunks: AsyncGenerator[bytes, None]) -> Arrival:
    """The rest of a file.

    Raises:
        Unreadable: It is the rest of something else.
    """
    match = RANGE.fullmatch(headers.get("Content-Range", "").strip())
    validator = validator_of(headers)
    if match is None or int(match[1]) != resume.size or validator not in {None, resume.validator}:
        raise Unreadable("it goes on with something else", passing=True, anew=True)
    total = int(match[2]) + 1 if match[3] == "*" else int(match[3])
    return Arrival(resume.size, total, resume.validator, headers.get("ETag"), chunks)


def validator_of(headers: Mapping[str, str]) -> str | None:
    """What a later request for the rest can name; None where only the whole can be asked for."""
    etag = headers.get("ETag", "")
    if etag:
        return etag if etag.startswith('"') else None
    modified, sent = (date(headers.get(name)) for name in ("Last-Modified", "Date"))
    if modified is None or sent is None or sent - modified < STRONG_AFTER:
        return None
    return headers["Last-Modified"]


def date(text: str | None) -> datetime | None:
    """A date of HTTP; None where it is none."""
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that the server asks for; 0 where it asks for none, or names a date."""
    return float(digits(headers.get("Retry-After")) or 0)


def digits(text: str | None) -> int | None:
    """A number as HTTP writes it; None where it is none."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
