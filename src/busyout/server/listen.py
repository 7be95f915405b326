"""Serving HTTP: one uvicorn for each listener, all on one loop, ended by us."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import uvicorn

from busyout.domain.errors import InvalidValue
from busyout.server.connection import Protocol
from busyout.server.limits import most_connections
from busyout.settings import Tls

log = logging.getLogger(__name__)

GRACE: Final = 5.0
"""Seconds that requests in progress have when the server stops."""

IDLE_INTERVAL: Final = 0.01
"""Seconds between two looks whether requests are in progress when the server stops."""

TICK_INTERVAL: Final = 1.0
"""Seconds between two dates of the header `Date`, and between two looks for connections that keep us waiting."""

HEAD_PATIENCE: Final = 30.0
"""Longest wait for the head of a request, the first of its body or what is left of one that nobody wants any more, in
seconds; ended by the next look."""

READING_PATIENCE: Final = 60.0
"""Longest wait for a client to read anything of what it was answered, in seconds; ended by the next look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long a listener waits, and for how many."""

    grace: float = GRACE
    head_patience: float = HEAD_PATIENCE
    reading_patience: float = READING_PATIENCE
    connections: int = field(default_factory=most_connections)
    """Most that are served at a time."""


class Listener(uvicorn.Server):
    """A server that leaves the signals to the process, and stops as soon as nothing is in progress."""

    def __init__(self, config: uvicorn.Config, bounds: Bounds) -> None:
        super().__init__(config)
        self._bounds = bounds
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
            for connection in self._connections():
                connection.close_if_waiting(self._bounds.head_patience)
                connection.abort_if_unread(self._bounds.reading_patience)
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
            async with asyncio.timeout(self._bounds.grace):
                await self._wait_idle()
        except TimeoutError:
            log.warning("requests_cut", extra={"count": len(self.server_state.tasks)})
            for connection in self._connections():
                connection.cut()
            for task in self.server_state.tasks:
                task.cancel()

    def _connections(self) -> Iterator[Protocol]:
        """Those that are open now, whichever are while they are gone through."""
        for connection in tuple(self.server_state.connections):
            assert isinstance(connection, Protocol)
            yield connection

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
    bounds: Bounds | None = None,
) -> Listener:
    """A server for an application, not yet listening; None for the usual bounds."""
    bounds = bounds or Bounds()
    config = uvicorn.Config(
        ended_by_us(app),
        http=Protocol,
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        ws="none",
        limit_concurrency=bounds.connections,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
    return Listener(config, bounds)


def ended_by_us(app: Any) -> Any:  # noqa: ANN401 - an ASGI application
    """The application, for which it is no error when its work is cut; the connection is closed by then."""

    async def served(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - what ASGI has
        with contextlib.suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    return served


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
