"""A way to a PostgreSQL server that can be cut."""

import asyncio
from types import TracebackType
from urllib.parse import parse_qs, urlsplit


class Relay:
    """Listens on loopback and passes everything on to the unix socket of a server."""

    def __init__(self, server_url: str) -> None:
        parts = urlsplit(server_url)
        self._socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
        self._database = parts.path
        self._user = parts.username
        self._writers: list[asyncio.StreamWriter] = []
        self._copies: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self.url = ""

    async def __aenter__(self) -> "Relay":
        self._listener = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        host, port = self._listener.sockets[0].getsockname()
        self.url = f"postgresql://{self._user}@{host}:{port}{self._database}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cut()

    async def cut(self) -> None:
        """End every connection and accept none any more."""
        if self._listener is not None:
            self._listener.close()
        for writer in self._writers:
            writer.close()
        for task in tuple(self._copies):
            task.cancel()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self._socket)
        self._writers += [writer, there_writer]
        for source, sink in ((reader, there_writer), (there_reader, writer)):
            task = asyncio.create_task(_copy(source, sink))
            self._copies.add(task)
            task.add_done_callback(self._copies.discard)


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
    sink.close()
