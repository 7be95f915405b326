"""What media servers hand over to the context services."""

from typing import Any

from msgspec import Struct


class NewInteraction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A contact with a customer: a call, a mail, a chat."""

    interaction_id: str
    """Up to 50 letters, digits, dashes and underscores; unique."""
    established_date: str
    """`yyyy-MM-ddTHH:mm:ss.SSSZ`."""
    media_type: str | None = None
    """`voice` where nothing is said."""
    external_id: str | None = None
    customer_id: str | None = None
    service_id: int | None = None
    udata: dict[str, Any] | None = None
    """What the contact centre has attached to it."""
    plain_text: str | None = None
    structured_text: str | None = None
    """HTML."""
    binary_content: str | None = None
    """In base64."""


class InteractionId(Struct, frozen=True):
    """An interaction that is kept."""

    interaction_id: str
