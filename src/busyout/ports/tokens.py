"""Who knows the tokens that others have issued."""

from typing import Protocol

from msgspec import Struct

from busyout.domain.operator import Level


class Grant(Struct, frozen=True):
    """What a token is good for."""

    name: str
    """Whom it stands for."""
    level: Level
    tenant: str
    """The only tenant whose devices and provisioning key it may see; empty for every tenant."""
    expires_at: float | None = None
    """Seconds since the epoch; None where nobody has said."""


class TokenService(Protocol):
    """Judges tokens."""

    async def check(self, token: str) -> Grant | None:
        """What a token is good for; None when it is not valid, or is good for nothing here.

        Raises:
            TokenServiceUnavailable: Nobody has judged it.
        """
