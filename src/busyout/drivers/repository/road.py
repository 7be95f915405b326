"""The way to a file: its name resolved once, its address judged, a proxy taken, redirects followed and judged anew."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from busyout.domain.errors import InvalidValue
from busyout.drivers.repository.addresses import Address, judge, read_allowed
from busyout.drivers.repository.arrival import Answer, Arrival, Resume
from busyout.drivers.repository.client import Ask, http_opened
from busyout.drivers.repository.folder import folder_opened
from busyout.drivers.repository.ftp import ftp_opened
from busyout.drivers.repository.patience import Patience
from busyout.drivers.repository.proxies import proxy_for
from busyout.drivers.repository.resolve import Resolve
from busyout.drivers.repository.target import Target, literal, read_target, redirected
from busyout.drivers.repository.trouble import Unreadable
from busyout.ports.repository import Access

MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Reach:
    """What the settings allow to be read."""

    allow: tuple[str, ...] = ()
    """`host`, `host:port`, address or network (`10.0.0.0/8`) that may be fetched from although it is an inner one."""
    folder: Path | None = None
    """The plug-in server of the settings where that is a folder; nothing outside of it is read."""
    authorities: Path | None = None
    """PEM file of certificate authorities that are believed beside those of the system; None for none."""


class Road:
    """Finds and opens files."""

    def __init__(self, reach: Reach, patience: Patience, resolve: Resolve) -> None:
        """Raises InvalidValue where an entry of the allow-list cannot be read."""
        self._allowed = read_allowed(reach.allow)
        self._reach = reach
        self._patience = patience
        self._resolve = resolve
        self._trust: ssl.SSLContext | None = None

    @asynccontextmanager
    async def opened(self, source: Target | Path, access: Access, resume: Resume | None) -> AsyncIterator[Arrival]:
        """A file that is coming; its connection ends with the context.

        Raises:
            InvalidValue: It may not be read, or something on the way to it.
            Unreadable: It cannot be read.
        """
        async with AsyncExitStack() as stack:
            if isinstance(source, Path):
                yield await stack.enter_async_context(folder_opened(source, self._reach.folder))
                return
            target = source
            for _ in range(MOST_REDIRECTS + 1):
                try:
                    answer = await stack.enter_async_context(await self._hop(target, access, resume))
                except Unreadable as error:
                    if target is source:
                        raise
                    raise error.at(target.shown) from error
                if isinstance(answer, Arrival):
                    yield answer
                    return
                await stack.aclose()
                target = redirected(target, answer.location)
        raise Unreadable(f"it redirects more than {MOST_REDIRECTS} times")

    async def _hop(self, target: Target, access: Access, resume: Resume | None) -> AbstractAsyncContextManager[Answer]:
        """One question to one server, not asked yet."""
        proxy = proxy_for(target, access)
        addresses = await self._addresses(target, known_elsewhere=proxy is not None)
        judge(target, addresses, home=home_of(access), allowed=self._allowed)
        if proxy is not None:
            addresses = await self._looked_up(proxy.host, proxy.port)
        elif target.scheme == "ftp":
            return ftp_opened(target, addresses, resume, self._patience)
        trust = await self._trusted() if target.scheme == "https" else None
        return http_opened(Ask(target, addresses, proxy, resume, trust), self._patience)

    async def _addresses(self, target: Target, *, known_elsewhere: bool) -> tuple[Address, ...]:
        """The addresses of a host; none for a name that only the proxy can resolve, and is left to it."""
        try:
            return await self._looked_up(target.host, target.port)
        except Unreadable:
            if known_elsewhere and not literal(target.host):
                return ()
            raise

    async def _looked_up(self, host: str, port: int) -> tuple[Address, ...]:
        try:
            async with asyncio.timeout(self._patience.connect):
                return await self._resolve(host, port)
        except TimeoutError as error:
            why = f"its name was not resolved within {self._patience.connect:g} s"
            raise Unreadable(why, passing=True) from error

    async def _trusted(self) -> ssl.SSLContext:
        """Whose certificates are believed; read once."""
        if self._trust is None:
            self._trust = await asyncio.to_thread(trust_in, self._reach.authorities)
        return self._trust


def trust_in(authorities: Path | None) -> ssl.SSLContext:
    """The authorities of the system, and those of a file.

    Raises:
        InvalidValue: The file cannot be read.
    """
    trust = ssl.create_default_context()
    if authorities is not None:
        try:
            trust.load_verify_locations(authorities)
        except OSError as error:
            raise InvalidValue(f"the certificate authorities in {authorities} cannot be read") from error
    return trust


def home_of(access: Access) -> Target | None:
    """The configured repository; None where it is a folder, or not set."""
    try:
        return read_target(access.plugin_server) if access.plugin_server else None
    except InvalidValue:
        return None
