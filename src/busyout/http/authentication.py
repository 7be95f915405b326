"""Who a request comes from."""

from typing import Protocol

from busyout.domain.operator import Caller, Level


class Authenticator(Protocol):
    """Who a request's Authorization header stands for."""

    def known(self, header: str | None, *, face: str, address: str) -> Caller | None:
        """The caller of a header that was verified lately; None when it has to be verified first."""

    async def authenticate(self, header: str | None, *, face: str, address: str) -> Caller:
        """The caller of a header.

        Raises:
            NotAuthenticated: It is not valid.
        """


class Everybody:
    """Lets every request in without credentials, for listeners that only the trusted can reach."""

    def known(self, header: str | None, *, face: str, address: str) -> Caller | None:
        """A caller who may do everything."""
        del header
        return Caller("everybody", Level.SECURITY_ADMINISTRATOR, face, address)

    async def authenticate(self, header: str | None, *, face: str, address: str) -> Caller:
        """A caller who may do everything."""
        del header
        return Caller("everybody", Level.SECURITY_ADMINISTRATOR, face, address)
