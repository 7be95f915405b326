"""The native API over HTTP, as the command line uses it."""

import asyncio
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

import aiohttp
import msgspec

from busyout.cli.credentials import Target
from busyout.cli.exits import CommandError, Exit, NotReachable, from_problem
from busyout.cli.stream import EventReader
from busyout.cli.text import segment
from busyout.wire.native import Event, Operation, Page, Problem

T = TypeVar("T")

ANSWER_WITHIN = 30.0
"""Seconds that the server has for an answer."""

CONNECT_WITHIN = 5.0
"""Seconds that the server has to take the connection."""

SILENCE = 45.0
"""Seconds without a byte after which an event stream is taken for dead; the server sends a heartbeat every 15 s."""

TRIES = 3
"""How often a request is tried that may be repeated: one that only reads, one that sets, one that has a key."""

PAGE = 500
"""Items asked for at once."""

MAX_ITEMS = 100_000
"""Most items that a list is followed to."""


class Client:
    """A connection to a server; to be used as an asynchronous context."""

    def __init__(self, target: Target) -> None:
        self.target = target

    async def __aenter__(self) -> Self:
        headers = {"Accept": "application/json"}
        if self.target.password:
            headers["Authorization"] = aiohttp.encode_basic_auth(self.target.user, self.target.password)
        tls = ssl.create_default_context(cafile=self.target.authority) if self.target.authority else True
        self._http = aiohttp.ClientSession(
            self.target.server,
            connector=aiohttp.TCPConnector(ssl=tls),
            timeout=aiohttp.ClientTimeout(ANSWER_WITHIN, sock_connect=CONNECT_WITHIN),
            headers=headers,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def get(self, path: str, kind: type[T], **query: object) -> T:
        """What is at a path under `/v1`.

        Raises:
            CommandError: The server refuses, or is not reachable.
        """
        return await self._request("GET", path, kind, query=query)

    async def send(self, method: str, path: str, kind: type[T], body: object = None, **query: object) -> T:
        """Change something.

        Raises:
            CommandError: The server refuses, or is not reachable.
        """
        return await self._request(method, path, kind, query=query, body=body)

    async def items(self, path: str, kind: type[T], *, most: int = MAX_ITEMS, **query: object) -> list[T]:
        """The first `most` items of a list, over as many pages as that takes."""
        found: list[T] = []
        after: str | None = None
        while len(found) < most:
            limit = min(PAGE, most - len(found))
            page = await self.get(path, Page[kind], limit=limit, after=after, **query)  # type: ignore[valid-type]
            found += page.items
            after = page.next
            if after is None:
                break
        return found

    async def operation(self, operation_id: str) -> Operation:
        """One operation as it is now."""
        return await self.get(f"operations/{segment(operation_id)}", Operation)

    async def events(self, *, after: int | None = None) -> "EventStream":
        """Read along: what happens from now on or, with `after`, what happened after that event and then from now on.

        Raises:
            CommandError: The server refuses, or is not reachable.
        """
        headers = {"Accept": "text/event-stream"}
        if after is not None:
            headers["Last-Event-ID"] = str(after)
        timeout = aiohttp.ClientTimeout(None, sock_connect=CONNECT_WITHIN)
        try:
            response = await self._http.get("/v1/events", headers=headers, timeout=timeout, allow_redirects=False)
        except (aiohttp.ClientError, OSError, TimeoutError) as wrong:
            raise NotReachable(self.target.server, reason_of(wrong)) from wrong
        if response.status != 200:
            raise _refusal(response, await response.read())
        return EventStream(response, self.target.server)

    async def _request(
        self, method: str, path: str, kind: type[T], *, query: Mapping[str, object], body: object = None
    ) -> T:
        headers = {} if method == "GET" else {"Idempotency-Key": uuid4().hex}
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = None if body is None else msgspec.json.encode(body)
        parameters = {key: _text(value) for key, value in query.items() if value is not None}
        tries = TRIES if method != "POST" or path.endswith("/operations") else 1
        for left in reversed(range(tries)):
            try:
                async with self._http.request(
                    method, f"/v1/{path}", data=data, params=parameters, headers=headers, allow_redirects=False
                ) as response:
                    return _decoded(response, await response.read(), kind)
            except aiohttp.ClientConnectorError as wrong:
                raise NotReachable(self.target.server, reason_of(wrong)) from wrong
            except (aiohttp.ClientError, OSError, TimeoutError) as wrong:
                if left == 0:
                    raise NotReachable(self.target.server, reason_of(wrong)) from wrong
                await asyncio.sleep(0.3)
        raise AssertionError("the loop above returns or raises")


class EventStream:
    """An open stream of events."""

    def __init__(self, response: aiohttp.ClientResponse, server: str) -> None:
        self._response = response
        self._server = server
        self._reader = EventReader()

    async def next(self, *, within: float = SILENCE) -> list[Event]:
        """The events that come next; empty when none came within so many seconds or only a heartbeat did.

        Raises:
            NotReachable: The stream has ended.
        """
        try:
            async with asyncio.timeout(within):
                data = await self._response.content.readany()
        except TimeoutError:
            return []
        except (aiohttp.ClientError, OSError) as wrong:
            raise NotReachable(self._server, reason_of(wrong)) from wrong
        if not data:
            raise NotReachable(self._server, "it has ended the event stream")
        try:
            return self._reader.feed(data)
        except ValueError as wrong:
            raise CommandError(Exit.SERVER_ERROR, str(wrong)) from wrong

    def close(self) -> None:
        """Read no further."""
        self._response.close()


def reason_of(wrong: BaseException) -> str:
    """Why there was no answer, without addresses and types."""
    if isinstance(wrong, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not trusted ({wrong.certificate_error})"
    if isinstance(wrong, TimeoutError):
        return "it does not answer in time"
    cause = getattr(wrong, "os_error", wrong)
    if isinstance(cause, ConnectionRefusedError):
        return "nothing listens there"
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _decoded(response: aiohttp.ClientResponse, body: bytes, kind: type[T]) -> T:
    if response.status >= 300:
        raise _refusal(response, body)
    try:
        return msgspec.json.decode(body or b"null", type=kind)
    except msgspec.DecodeError as wrong:
        text = f"the answer is not what the native API says, so that is perhaps no Busyout server: {wrong}"
        raise CommandError(Exit.SERVER_ERROR, text) from wrong


def _refusal(response: aiohttp.ClientResponse, body: bytes) -> CommandError:
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except msgspec.DecodeError:
        problem = Problem(type="about:blank", title=f"HTTP {response.status} {response.reason}", status=response.status)
    return from_problem(problem)
