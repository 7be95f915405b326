"""Asks one HTTP or HTTPS server, or a proxy, for one file. Never follows a redirect, never resolves a name."""

import asyncio
import os
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler

from busyout import __version__
from busyout.drivers.repository.addresses import Address
from busyout.drivers.repository.answer import read_answer
from busyout.drivers.repository.arrival import Answer, Arrival, Resume
from busyout.drivers.repository.patience import Patience
from busyout.drivers.repository.proxies import Proxy
from busyout.drivers.repository.target import Credentials, Target
from busyout.drivers.repository.trouble import Unreadable
from busyout.ports.interim import bounded

BUFFER = 1 << 18
"""Bytes that may wait to be written."""

HEAD = bounded(ResponseHandler, aiohttp.ClientError)

EXPLANATIONS: tuple[tuple[tuple[type[Exception], ...], str, bool], ...] = (
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError),
        "its certificate is not trusted, or it does not speak TLS",
        False,
    ),
    ((aiohttp.ClientProxyConnectionError,), "no connection to the proxy: {system}", True),
    ((aiohttp.ClientConnectorError,), "no connection: {system}", True),
    ((aiohttp.ConnectionTimeoutError,), "no connection within {patience.connect:g} s", True),
    ((aiohttp.SocketTimeoutError,), "silence for {patience.silence:g} s", True),
    ((TimeoutError,), "no answer within {patience.answer:g} s", True),
    ((aiohttp.ClientPayloadError,), "the connection ended before the file was whole", True),
    ((aiohttp.ServerDisconnectedError, OSError), "the connection broke", True),
)
"""What an error means, the particular before the general, and whether it is worth another try."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to one server."""

    target: Target
    addresses: tuple[Address, ...]
    """Where to connect to: the server, or the proxy where there is one."""
    proxy: Proxy | None
    resume: Resume | None
    trust: ssl.SSLContext | None
    """Whose certificates are believed; None where the target is not encrypted."""


class Connector(aiohttp.TCPConnector):
    """Also carries what is asked of a proxy by an `ftp` URL."""

    allowed_protocol_schema_set = frozenset({"http", "https", "ftp"})

    def __init__(self, **named: Any) -> None:  # noqa: ANN401 - those of aiohttp
        super().__init__(**named)
        make: Any = partial(HEAD, loop=asyncio.get_running_loop())
        self._factory = make


class Pinned(AbstractResolver):
    """Knows only the addresses that were judged before."""

    def __init__(self, addresses: tuple[Address, ...]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses, whatever the host is called."""
        del family
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


@asynccontextmanager
async def http_opened(ask: Ask, patience: Patience) -> AsyncIterator[Answer]:
    """What a server answers; the connection ends with the context.

    Raises:
        Unreadable: There is no answer, or none with a file.
    """
    limits = aiohttp.ClientTimeout(total=None, sock_connect=patience.connect, sock_read=patience.silence)
    connector = Connector(
        resolver=Pinned(ask.addresses), use_dns_cache=False, force_close=True, limit=1, ssl=ask.trust or True
    )
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=limits,
        auto_decompress=False,
        read_bufsize=BUFFER,
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        response = await begun(session, ask, patience)
        try:
            yield answered(response, ask, patience)
        finally:
            response.close()


async def begun(session: aiohttp.ClientSession, ask: Ask, patience: Patience) -> aiohttp.ClientResponse:
    """The head of the answer.

    Raises:
        Unreadable: There is none.
    """
    proxy = ask.proxy
    secret = basic(proxy.credentials, "Proxy-Authorization") if proxy else {}
    tunnel = ask.target.scheme == "https"
    try:
        async with asyncio.timeout(patience.answer):
            return await session.get(
                ask.target.url,
                headers=headers_of(ask) | ({} if tunnel else secret),
                proxy=proxy.url if proxy else None,
                proxy_headers=secret if tunnel else None,
                allow_redirects=False,
            )
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise explained(error, patience) from error


def headers_of(ask: Ask) -> dict[str, str]:
    """What the file is asked for with; bytes as they are, and only the rest of the same file."""
    headers = {"User-Agent": f"busyout/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
    if ask.resume is not None:
        headers |= {"Range": f"bytes={ask.resume.size}-", "If-Range": ask.resume.validator}
    return headers | basic(ask.target.credentials, "Authorization")


def basic(credentials: Credentials | None, header: str) -> dict[str, str]:
    """A header with credentials; none without."""
    if credentials is None:
        return {}
    pair = f"{credentials.user}:{credentials.password}".encode()
    return {header: f"Basic {b64encode(pair).decode('ascii')}"}


def answered(response: aiohttp.ClientResponse, ask: Ask, patience: Patience) -> Answer:
    """The answer, with the file in it as it comes.

    Raises:
        Unreadable: There is no file in it.
    """
    answer = read_answer(response.status, response.headers, ask.resume, body(response, patience))
    tunnelled = ask.proxy is not None and ask.target.scheme == "ftp"
    if tunnelled and not isinstance(answer, Arrival):
        raise Unreadable("the proxy redirects what was asked for by FTP")
    return answer


async def body(response: aiohttp.ClientResponse, patience: Patience) -> AsyncGenerator[bytes, None]:
    """The pieces of a file, as they come.

    Raises:
        Unreadable: The connection ended or fell silent before the file was whole.
    """
    try:
        async for piece in response.content.iter_any():
            yield piece
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise explained(error, patience) from error


def explained(error: Exception, patience: Patience) -> Unreadable:
    """What went wrong, in words that repeat nothing that was sent."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return Unreadable(f"the proxy refuses with {error.status}", passing=error.status >= 500)
    for kinds, why, passing in EXPLANATIONS:
        if isinstance(error, kinds):
            return Unreadable(why.format(system=said_by_system(error), patience=patience), passing=passing)
    return Unreadable("what it answers is not HTTP")


def said_by_system(error: Exception) -> str:
    """What the system says of an error; the last of several attempts may have none."""
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number).lower() if number else "nobody answers"
