"""A small HTTP server that answers as badly as it is told to."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

TAG = '"one"'


@dataclass
class Request:
    """What was asked."""

    method: str
    target: str
    headers: dict[str, str]


class Reply:
    """The connection to whoever asked."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer

    async def head(self, status: int, **headers: object) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join([*lines, "", ""]).encode())

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """End the connection with a reset instead of a goodbye."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Handler = Callable[[Request, Reply], Awaitable[None]]


@dataclass
class Site:
    """A server that runs."""

    host: str
    port: int
    scheme: str
    requests: list[Request] = field(default_factory=list)
    handlers: list[Handler] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await read_request(reader)
            self.requests.append(request)
            handler = self.handlers.pop(0) if len(self.handlers) > 1 else self.handlers[0]
            await handler(request, Reply(writer))
        with suppress(ConnectionError):
            writer.close()


async def read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    pairs = (line.split(":", 1) for line in head[1:] if line)
    return Request(method, target, {name.strip().lower(): value.strip() for name, value in pairs})


@asynccontextmanager
async def site(*handlers: Handler, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    """A server whose first request goes to the first handler, and so on; the last one gets all the rest."""
    found = Site(host, 0, "https" if tls else "http", handlers=list(handlers))
    running: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(found.serve(reader, writer))
        running.add(task)
        task.add_done_callback(running.discard)

    server = await asyncio.start_server(accept, host, 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def whole(data: bytes, *, tag: str = TAG, ranges: bool = True) -> Handler:
    """A server that behaves."""

    async def handler(request: Request, reply: Reply) -> None:
        start = int(request.headers["range"][6:-1]) if ranges and "range" in request.headers else 0
        if start and request.headers.get("if-range") == tag:
            place = f"bytes {start}-{len(data) - 1}/{len(data)}"
            await reply.head(206, Content_Length=len(data) - start, Content_Range=place, ETag=tag)
            await reply.send(data[start:])
        else:
            await reply.head(200, Content_Length=len(data), ETag=tag)
            await reply.send(data)

    return handler


def cut(data: bytes, sent: int, *, wait: Callable[[], Awaitable[object]] | None = None, tag: str = TAG) -> Handler:
    """A server that says how much will come, and hangs up before it."""

    async def handler(request: Request, reply: Reply) -> None:
        await reply.head(200, Content_Length=len(data), ETag=tag)
        await reply.send(data[:sent])
        if wait is not None:
            await wait()

    return handler


def answering(status: int, **headers: object) -> Handler:
    async def handler(request: Request, reply: Reply) -> None:
        await reply.head(status, Content_Length=0, **headers)

    return handler


def redirecting(location: str, status: int = 302) -> Handler:
    return answering(status, Location=location)
