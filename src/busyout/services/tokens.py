"""Who is asking, by a token: issued by us, or judged by a token service once and then believed for a while."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from msgspec import Struct

from busyout.domain.errors import NotAuthenticated, TokenServiceUnavailable
from busyout.domain.operator import Caller
from busyout.ports.clock import Clock
from busyout.ports.tokens import Grant, TokenService

log = logging.getLogger(__name__)

BELIEVED_FOR: Final = 60.0
"""Seconds for which the service is not asked again about a token that is good; so long a revoked one still opens."""

DISBELIEVED_FOR: Final = 5.0
"""The same for one that is not."""

MAX_JUDGED: Final = 1024
"""Most tokens that are remembered; those that were judged first go first."""

AT_ONCE: Final = 16
"""Most questions to the service at the same time; further ones wait for their turn."""

TURN: Final = 5.0
"""Longest wait for a turn, in seconds."""

LONGEST: Final = 512
"""Longest token that is looked at, in characters."""


class Judged(Struct, frozen=True):
    """What a token is good for, and until when that is believed."""

    grant: Grant | None
    until: float


class Tokens:
    """Knows callers by the tokens that they bring."""

    def __init__(
        self, own: Mapping[str, Grant], service: TokenService | None, clock: Clock, *, turn: float = TURN
    ) -> None:
        """`own` has the tokens that we have issued, by their SHA-256 in hex; `service` judges all others.

        `turn` is how long a question waits for its turn, in seconds.
        """
        self._own = dict(own)
        self._service = service
        self._clock = clock
        self._judged: OrderedDict[str, Judged] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Grant | None]] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._turn = turn

    def known(self, header: str | None, *, face: str, address: str) -> Caller | None:
        """The caller of a token that is ours or was judged lately; None when it has to be judged first."""
        if not header or len(header) > LONGEST:
            return None
        digest = fingerprint(header)
        judged = self._judged.get(digest)
        remembered = judged.grant if judged is not None and judged.until > self._clock.now() else None
        grant = self._own.get(digest) or remembered
        return None if grant is None else _caller(grant, face, address)

    async def authenticate(self, header: str | None, *, face: str, address: str) -> Caller:
        """The caller of a token.

        Raises:
            NotAuthenticated: There is none, or it is not valid.
            TokenServiceUnavailable: Nobody can judge it at present.
        """
        if (caller := self.known(header, face=face, address=address)) is not None:
            return caller
        if not header or len(header) > LONGEST or not header.isascii() or not header.isprintable():
            raise NotAuthenticated
        grant = await self._judge(self._service, header) if self._service is not None else None
        if grant is None:
            log.warning("token_refused", extra={"address": address, "face": face})
            raise NotAuthenticated
        return _caller(grant, face, address)

    async def _judge(self, service: TokenService, token: str) -> Grant | None:
        """Ask about a token once, however many requests bring it at the same time."""
        digest = fingerprint(token)
        judged = self._judged.get(digest)
        if judged is not None and judged.until > self._clock.now():
            return judged.grant
        task = self._asking.get(digest)
        if task is None:
            task = asyncio.ensure_future(self._ask(service, token, digest))
            self._asking[digest] = task
            task.add_done_callback(lambda _: self._asking.pop(digest, None))
        return await asyncio.shield(task)

    async def _ask(self, service: TokenService, token: str, digest: str) -> Grant | None:
        grant = await self._in_turn(service, token)
        until = self._clock.now() + (DISBELIEVED_FOR if grant is None else BELIEVED_FOR)
        if grant is not None and grant.expires_at is not None:
            until = min(until, grant.expires_at)
        self._judged[digest] = Judged(grant, until)
        self._judged.move_to_end(digest)
        while len(self._judged) > MAX_JUDGED:
            self._judged.popitem(last=False)
        return grant if until > self._clock.now() else None

    async def _in_turn(self, service: TokenService, token: str) -> Grant | None:
        try:
            async with asyncio.timeout(self._turn):
                await self._turns.acquire()
        except TimeoutError as error:
            raise TokenServiceUnavailable("the token service is too slow for all who ask") from error
        try:
            return await service.check(token)
        finally:
            self._turns.release()


def fingerprint(token: str) -> str:
    """What is kept of a token: tokens are long and random, so that nobody finds one for a digest."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def _caller(grant: Grant, face: str, address: str) -> Caller:
    return Caller(grant.name, grant.level, face, address, grant.tenant)
