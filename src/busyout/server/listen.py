"""Serving HTTP: one uvicorn for each listener, all on one loop, ended by us."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Iterator
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from busyout.domain.errors import InvalidValue
from busyout.settings import Tls

log = logging.getLogger(__name__)

GRACE: Final = 5.0
"""Seconds that requests in progress have when the server stops."""

IDLE_INTERVAL: Final = 0.01
"""Seconds between two looks whether requests are in progress when the server stops."""

TICK_INTERVAL: Final = 1.0
"""Seconds between two dates of the header `Date`, and between two looks for connections that keep us waiting."""

LARGEST_HEAD: Final = 64 * 1024
"""Most bytes of a head, or of trailers, that are taken while they do not end."""

HEAD_PATIENCE: Final = 30.0
"""Longest wait for the head of a request, the first of its body or what is left of one that nobody wants any more, in
seconds; ended by the next look."""

READING_PATIENCE: Final = 60.0
"""Longest wait for a client to read anything of what it was answered, in seconds; ended by the next look."""


class Protocol(HttpToolsProtocol):
    """uvicorn's, with bounds on what is no request yet: it has none for memory or time."""

    _unended = 0
    """Bytes that came since the parser had something to tell."""
    _told = False
    _since: float | None = None
    """When waiting for a request began, by the clock of the loop; None while none is waited for.

    No timer: making one for each request takes longer than routing it.
    """

    _unread = 0
    """Bytes of answers that were not taken at the last look."""
    _read = 0.0
    """When some of them were, or there were none."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._earlier: list[RequestResponseCycle] = []
        """Requests that were being answered when others came after them; uvicorn knows the last one only."""
        self._since = self._read = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever is answering on this connection."""
        super().connection_lost(exc)
        for cycle in self._earlier:
            cycle.disconnected = True
            cycle.message_event.set()

    def close_if_waiting(self, patience: float) -> None:
        """Close the connection where a request has been waited for for more than so many seconds.

        While one before it is being answered nobody waits for it.
        """
        if self._since is not None and not self._answering() and self.loop.time() - self._since > patience:
            self.transport.close()

    def abort_if_unread(self, patience: float) -> None:
        """Cut the connection where nothing of what was answered has been read for more than so many seconds."""
        unread, before, now = self.transport.get_write_buffer_size(), self._unread, self.loop.time()
        self._unread = unread
        if unread == 0 or unread < before:
            self._read = now
        elif now - self._read > patience:
            self.transport.abort()

    def _answering(self) -> bool:
        """Whether a request that is whole is being answered."""
        last = self.cycle
        return any(not cycle.response_complete for cycle in self._earlier) or (
            last is not None and not last.more_body and not last.response_complete
        )

    def data_received(self, data: bytes) -> None:
        """Take data in pieces; close when a head or trailers do not end."""
        for start in range(0, len(data), LARGEST_HEAD):
            piece = data[start : start + LARGEST_HEAD]
            self._told = False
            super().data_received(piece)
            if self.transport.is_closing():
                return
            self._unended = 0 if self._told else self._unended + len(piece)
            if self._unended > LARGEST_HEAD:
                self.send_400_response("The head of the request is too large.")
                return
        if self._since is None and (self.cycle is None or self.cycle.response_complete):
            self._since = self.loop.time()  # uvicorn has ended its own wait, and this may be all that comes

    def on_message_begin(self) -> None:
        """A request begins."""
        self._told = True
        super().on_message_begin()
        if self._since is None:
            self._since = self.loop.time()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._told = True
        before = self.cycle
        super().on_headers_complete()
        if before is not None and not before.response_complete:
            self._earlier.append(before)
        elif self._earlier:
            self._earlier.clear()

    def on_body(self, body: bytes) -> None:
        """Some of the body; one that was answered already is still waited for."""
        self._told = True
        if not self.cycle.response_complete:
            self._since = None
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._since = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is whole: what was begun meanwhile is waited for from now on."""
        super().on_response_complete()
        if self._since is not None:
            self._since = self.loop.time()


class Listener(uvicorn.Server):
    """A server that leaves the signals to the process, and stops as soon as nothing is in progress."""

    def __init__(self, config: uvicorn.Config, grace: float, head_patience: float, reading_patience: float) -> None:
        """After `grace` seconds, what is in progress is cut when the server stops."""
        super().__init__(config)
        self._grace = grace
        self._head_patience = head_patience
        self._reading_patience = reading_patience
        self._ending = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    def end(self) -> None:
        """Stop accepting, finish what is in progress, return from `serve`."""
        self.should_exit = True
        self._ending.set()

    async def main_loop(self) -> None:
        """Keep the date of answers until `end`, at which uvicorn's own loop looks ten times a second only."""
        while not await self.on_tick(0):
            for connection in tuple(self.server_state.connections):
                assert isinstance(connection, Protocol)
                connection.close_if_waiting(self._head_patience)
                connection.abort_if_unread(self._reading_patience)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_INTERVAL):
                    await self._ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing more, and return when nothing is in progress; what still is after a while is cut."""
        for server in self.servers:
            server.close()
        for held in sockets or ():
            held.close()
        for connection in tuple(self.server_state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(self._grace):
                await self._wait_idle()
        except TimeoutError:
            log.warning("requests_cut", extra={"count": len(self.server_state.tasks)})
            for task in self.server_state.tasks:
                task.cancel()

    async def _wait_idle(self) -> None:
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(IDLE_INTERVAL)

    def forget(self) -> None:
        """Accept nothing more, even where `serve` was cancelled; what is in progress is left as it is. Idempotent."""
        for server in getattr(self, "servers", ()):  # made when serving begins
            server.close()


def listener(
    app: Any,  # noqa: ANN401 - an ASGI application
    tls: Tls | None,
    *,
    grace: float = GRACE,
    head_patience: float = HEAD_PATIENCE,
    reading_patience: float = READING_PATIENCE,
) -> Listener:
    """A server for an application, not yet listening."""
    config = uvicorn.Config(
        app,
        http=Protocol,
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        ws="none",
        limit_concurrency=4096,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
    return Listener(config, grace, head_patience, reading_patience)


def bound(address: str, key: str) -> socket.socket:
    """A socket that listens on `host:port`.

    Raises:
        InvalidValue: The port is taken or cannot be had; the message names it and the settings' key.
    """
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), int(port)))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise InvalidValue(f"{key}: cannot listen on {address}: {error.strerror}") from error
    listening.setblocking(False)
    return listening
