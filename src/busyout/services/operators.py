"""Who is asking: operators, verified credentials, and those who guess."""

import asyncio
import logging
import secrets
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import blake2b
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

from busyout.domain.errors import NotAuthenticated
from busyout.domain.operator import Caller, Operator
from busyout.ports.clock import Clock
from busyout.services.lockout import Lockout

log = logging.getLogger(__name__)

VERIFIED_FOR: Final = 300.0
"""Seconds for which a verified header is believed without hashing again."""

MAX_VERIFIED: Final = 1024
"""Most verified headers kept."""

LONGEST_HEADER: Final = 1024
"""Longest Authorization header that is looked at, in characters."""

HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id with 19 MiB and two passes."""


class Verified(Struct, frozen=True):
    """A header that was right when it was hashed."""

    operator: Operator
    until: float


class Operators:
    """Knows the operators and verifies HTTP Basic credentials."""

    def __init__(self, operators: tuple[Operator, ...], clock: Clock) -> None:
        self._operators = {operator.name: operator for operator in operators}
        self._clock = clock
        self._keyed = blake2b(key=secrets.token_bytes(32), digest_size=32)
        self._verified: dict[bytes, Verified] = {}
        """By fingerprint. Those that are believed no longer show that a header was right, so that it is no guess."""
        self._turn = asyncio.Lock()
        self._lockout = Lockout()
        self._hashing = ThreadPoolExecutor(1, "argon2")
        self._nobody = _nobody()

    def close(self) -> None:
        """Stop hashing."""
        self._hashing.shutdown(cancel_futures=True)

    def known(self, header: str | None, *, face: str, address: str) -> Caller | None:
        """The caller of a header that was verified lately; None when it has to be verified first."""
        if header is None or len(header) > LONGEST_HEADER:
            return None
        verified = self._verified.get(self._fingerprint(header, address))
        if verified is None or verified.until < self._clock.now():
            return None
        return calling(verified.operator, face, address)

    async def authenticate(self, header: str | None, *, face: str, address: str) -> Caller:
        """The caller of an HTTP Basic header. One at a time, so that guesses sent all at once are counted, too.

        A header that came in from that address before is hashed even while others there guess: nobody else is kept
        out by them.

        Raises:
            NotAuthenticated: There is no header, it is not Basic, or name or password are wrong.
            TooManyAttempts: That name, or many names, were tried wrongly too often from that address.
        """
        if (caller := self.known(header, face=face, address=address)) is not None:
            return caller
        name, password = credentials(header)
        fingerprint = self._fingerprint(header or "", address)
        self._let_pass(name, address, fingerprint)
        async with self._turn:
            if (caller := self.known(header, face=face, address=address)) is not None:
                return caller
            self._let_pass(name, address, fingerprint)
            operator = await self._verify(name, password)
            if operator is None:
                self._lockout.failed(name, address, now=self._clock.now())
                log.warning("authentication_failed", extra={"operator": name[:64], "address": address, "face": face})
                raise NotAuthenticated("the user name or the password is wrong")
            self._lockout.succeeded(name, address)
            self._remember(fingerprint, operator)
        return calling(operator, face, address)

    def _let_pass(self, name: str, address: str, fingerprint: bytes) -> None:
        if fingerprint not in self._verified:
            self._lockout.let_pass(name, address, now=self._clock.now())

    async def _verify(self, name: str, password: str) -> Operator | None:
        operator = self._operators.get(name)
        right = operator.password_hash if operator is not None else self._nobody
        loop = asyncio.get_running_loop()
        matches = await loop.run_in_executor(self._hashing, password_matches, right, password)
        return operator if matches else None

    def _remember(self, fingerprint: bytes, operator: Operator) -> None:
        if len(self._verified) >= MAX_VERIFIED:
            self._verified.clear()
        self._verified[fingerprint] = Verified(operator, self._clock.now() + VERIFIED_FOR)

    def _fingerprint(self, header: str, address: str) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(f"{address}\n{header}".encode("utf-8", "surrogateescape"))
        return keyed.digest()


def calling(operator: Operator, face: str, address: str) -> Caller:
    """An operator who asks by a face."""
    return Caller(operator.name, operator.level, face, address, privileges=operator.privileges)


def credentials(header: str | None) -> tuple[str, str]:
    """User name and password of an HTTP Basic header (RFC 7617).

    Raises:
        NotAuthenticated: There is none, or it is not well-formed.
    """
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic" or len(encoded) > LONGEST_HEADER:
        raise NotAuthenticated
    try:
        name, separator, password = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError as error:  # no Base64, no ASCII, or no UTF-8
        raise NotAuthenticated("the credentials are not well-formed") from error
    if not separator:
        raise NotAuthenticated("the credentials are not well-formed")
    return name, password


@cache
def _nobody() -> str:
    """The hash of a password that nobody knows: a name that is not there takes as long as one that is."""
    return hash_password(secrets.token_hex())


def hash_password(password: str) -> str:
    """The argon2id hash of a password, in PHC string format."""
    return HASHER.hash(password)


def password_matches(password_hash: str, password: str) -> bool:
    """Whether a password has that hash; false for a hash that cannot be read."""
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
