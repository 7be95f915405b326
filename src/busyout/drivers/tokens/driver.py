"""Makes of what the token service says what a token is good for here."""

from busyout.domain.device import MAIN
from busyout.domain.errors import TokenServiceUnavailable
from busyout.domain.operator import Level
from busyout.drivers.tokens.client import asked
from busyout.drivers.tokens.protocol import Data, covered, expiry, read
from busyout.ports.tokens import Grant

ACTING = "provd.pg_mgr.install.install.create"
"""Access right of those who may change something."""

READING = "provd.configure.read"
"""Access right of those who may look."""


class HttpTokenService:
    """Implements `ports.tokens.TokenService`."""

    def __init__(self, url: str, *, master_tenant: str | None) -> None:
        """`master_tenant` is the tenant whose tokens may see the devices of every other; None for none."""
        self._url = url.rstrip("/")
        self._master_tenant = master_tenant

    async def check(self, token: str) -> Grant | None:
        """What a token is good for; None when it is not valid, or is good for nothing here.

        Nor is one whose tenant has the name of the one above all others here, unless it is the master.

        Raises:
            TokenServiceUnavailable: Nobody has judged it.
        """
        body = await asked(self._url, token)
        if body is None:
            return None
        try:
            data = read(body)
            expires_at = expiry(data)
        except ValueError as error:
            raise TokenServiceUnavailable("the token service answers what is no token") from error
        return self._grant(data, expires_at)

    def _grant(self, data: Data, expires_at: float | None) -> Grant | None:
        rights, tenant = data.acl or (), data.metadata.tenant_uuid if data.metadata else None
        level = Level.ADMINISTRATOR if covered(rights, ACTING) else Level.MONITOR
        if not tenant or (level is Level.MONITOR and not covered(rights, READING)):
            return None
        within = "" if tenant == self._master_tenant else tenant
        if within == MAIN:
            return None
        return Grant(f"token of {data.auth_id or tenant}", level, within, expires_at)
