"""Interactions: what was said with a customer, kept to be read."""

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

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
"""The form that is no text."""


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
    """In which of `FORMS` its content is kept."""


class Content(Struct, frozen=True):
    """What was said, in one form."""

    data: bytes
    media_type: str
