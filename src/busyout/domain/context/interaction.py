"""Interactions: what was said with a customer, kept to be read."""

from typing import Any

from msgspec import Struct


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
