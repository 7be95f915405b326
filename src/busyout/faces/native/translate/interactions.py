"""Interactions as media servers hand them over."""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Any

import msgspec

from busyout.domain.context.course import MAX_ID
from busyout.domain.context.interaction import BINARY, FORMS, ID, MAX_CONTENT, MAX_UDATA, Content, Interaction
from busyout.domain.context.members import number_in, text_in
from busyout.domain.context.moment import moment_of, seconds_of
from busyout.domain.document import checked_document
from busyout.domain.errors import InvalidValue
from busyout.wire import native


def interaction_of(body: native.NewInteraction) -> tuple[Interaction, dict[str, Content]]:
    """The interaction that a body describes, and what was said by its form.

    Raises:
        InvalidValue: It describes none; the message names the member.
    """
    document = msgspec.structs.asdict(body)
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
