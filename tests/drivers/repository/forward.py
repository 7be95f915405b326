"""A small forward proxy: plain requests, tunnels, and files of FTP servers."""

import asyncio
import ftplib
import io
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.drivers.repository.web import Reply, Request, read_request


@dataclass
class Forward:
    """A proxy that runs."""

    port: int = 0
    credentials: str | None = None
    """`user:password` that it wants; None for none."""
    names: dict[str, str] = field(default_factory=dict)
    """Addresses of hosts that only the proxy knows."""
    requests: list[Request] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await read_request(reader)
            self.requests.append(request)
            await self._answer(request, reader, writer)
        writer.close()

    async def _answer(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reply = Reply(writer)
        wanted = None if self.credentials is None else f"Basic {b64encode(self.credentials.encode()).decode()}"
        if request.headers.get("proxy-authorization") != wanted:
            await reply.head(407, Content_Length=0, Proxy_Authenticate="Basic realm=x")
        elif request.method == "CONNECT":
            host, _, port = request.target.rpartition(":")
            await self._join(reader, writer, (host, int(port)), opening=None)
        elif request.target.startswith("ftp:"):
            data = await asyncio.to_thread(read_ftp, request)
            await reply.head(200, Content_Length=len(data))
            await reply.send(data)
        else:
            url = urlsplit(request.target)
            path = f"{url.path}?{url.query}" if url.query else url.path
            kept = {name: value for name, value in request.headers.items() if not name.startswith("proxy-")}
            head = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in kept.items()), "", ""]
            await self._join(reader, writer, (url.hostname or "", url.port or 80), opening="\r\n".join(head).encode())

    async def _join(self, reader, writer, place: tuple[str, int], *, opening: bytes | None) -> None:
        host = self.names.get(place[0], place[0])
        far_reader, far_writer = await asyncio.open_connection(host, place[1])
        if opening is None:
            await Reply(writer).send(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            far_writer.write(opening)
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    writer.close()


def read_ftp(request: Request) -> bytes:
    url = urlsplit(request.target)
    data = io.BytesIO()
    with ftplib.FTP() as ftp:
        ftp.connect(url.hostname or "", url.port or 21, timeout=10)
        ftp.login()
        ftp.retrbinary(f"RETR {url.path.lstrip('/')}", data.write)
    return data.getvalue()


@asynccontextmanager
async def forward(credentials: str | None = None, **names: str) -> AsyncIterator[Forward]:
    """A proxy; `names` are hosts that it knows, `_` for the dots."""
    found = Forward(credentials=credentials, names={name.replace("_", "."): host for name, host in names.items()})
    running: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(found.serve(reader, writer))
        running.add(task)
        task.add_done_callback(running.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
