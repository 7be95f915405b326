"""Interactions: what was said with a customer, kept to be read."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from busyout.domain.context.course import MAX_ID
from busyout.domain.context.members import number_in, text_in
from busyout.domain.context.moment import moment_of, seconds_of
from busyout.domain.context.names import shown
from busyout.domain.document import checked_document
from busyout.domain.errors import InvalidValue

ID: Final = re.compile(r"[A-Za-z0-9_-]{1,50}")

MAX_UDATA: Final = 16 * 1024
"""Most bytes of what is attached to an interaction, as JSON."""

MAX_CONTENT: Final = 1024 * 1024
"""Most bytes of what was said, in one form."""

FORMS: Final[Mapping[str, str]] = {
    "plain_text": "text/plain;charset=UTF-8",
    "structured_text": "text/html;charset=UTF-8",
    "binary_content": "application/octet-stream",
}
"""Forms of what was said, and their media types."""

BINARY: Final = "binary_content"
"""The form that is handed over in base64."""

MEMBERS: Final = frozenset(
    {"interaction_id", "external_id", "customer_id", "service_id", "media_type", "established_date", "udata", *FORMS}
)


class Interaction(Struct, frozen=True, kw_only=True):
    """One contact: a call, a mail, a chat."""

    id: str
    """At most 50 letters, digits, dashes and underscores."""
    external_id: str | None = None
    """What another system calls it; None where none does."""
    customer: str | None = None
    """Id of the customer; None where that is not known."""
    service: int | None = None
    """Id of the service that it belongs to; None for none."""
    media_type: str
    established_at: float
    """Seconds since the epoch."""
    udata: dict[str, Any] = {}
    """What the contact centre attached to it."""
    forms: tuple[str, ...] = ()
    """In which forms its content is kept: `plain_text`, `structured_text`, `binary_content`."""


class Content(Struct, frozen=True):
    """What was said, in one form."""

    data: bytes
    media_type: str


def interaction_of(document: Mapping[str, Any]) -> tuple[Interaction, dict[str, Content]]:
    """The interaction that a document describes, and what was said by its form.

    Raises:
        InvalidValue: It describes none; the message names the member.
    """
    unknown = sorted(set(document) - MEMBERS)
    if unknown:
        raise InvalidValue(f'an interaction has no member "{shown(unknown[0])}"')
    contents = {form: content_of(form, document[form]) for form in FORMS if document.get(form) is not None}
    interaction = Interaction(
        id=_id(document.get("interaction_id")),
        external_id=text_in(document, "external_id", 64),
        customer=text_in(document, "customer_id", 16),
        service=number_in(document, "service_id", MAX_ID),
        media_type=text_in(document, "media_type", 64) or "voice",
        established_at=_moment(document.get("established_date")),
        udata=_attached(document.get("udata")),
        forms=tuple(sorted(contents)),
    )
    return interaction, contents


def content_of(form: str, value: object) -> Content:
    """What was said, in one form: a text, or base64 where it is binary.

    Raises:
        InvalidValue: It is neither, or too long.
    """
    if not isinstance(value, str) or len(value) > 2 * MAX_CONTENT:
        raise InvalidValue(f"{form} is a text of at most {MAX_CONTENT} bytes")
    try:
        data = b64decode(value, validate=True) if form == BINARY else value.encode()
    except (NotBase64, ValueError) as error:
        raise InvalidValue(f"{form} cannot be read") from error
    if len(data) > MAX_CONTENT:
        raise InvalidValue(f"{form} has at most {MAX_CONTENT} bytes")
    return Content(data, FORMS[form])


def _id(value: object) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise InvalidValue("interaction_id is mandatory: up to 50 letters, digits, dashes and underscores")
    return value


def _attached(value: object) -> dict[str, Any]:
    try:
        return checked_document({} if value is None else value, largest=MAX_UDATA)
    except InvalidValue as error:
        raise InvalidValue(f"udata: {error.message}") from error


def _moment(value: object) -> float:
    text = moment_of(value) if isinstance(value, str) else None
    if text is None:
        raise InvalidValue("established_date is mandatory: a moment, yyyy-MM-ddTHH:mm:ss.SSSZ")
    return seconds_of(text)
