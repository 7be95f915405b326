"""Interactions as the wire has them."""

from typing import Any

from busyout.domain.context.interaction import Interaction
from busyout.wire.times import timestamp


def told(interaction: Interaction, prefix: str) -> dict[str, Any]:
    """One interaction; what was said is at the addresses that it names."""
    known = {
        "interaction_id": interaction.id,
        "external_id": interaction.external_id,
        "customer_id": interaction.customer,
        "service_id": interaction.service,
        "established_date": timestamp(interaction.established_at),
        "media_type": interaction.media_type,
        "text": _address(interaction, prefix, "plain_text"),
        "structured_text": _address(interaction, prefix, "structured_text"),
        "content": _address(interaction, prefix, "binary_content"),
        "udata": interaction.udata,
    }
    return {name: value for name, value in known.items() if value is not None}


def _address(interaction: Interaction, prefix: str, form: str) -> str | None:
    return f"{prefix}/interactions/{interaction.id}/{form}" if form in interaction.forms else None
