"""Serving HTTP: one uvicorn for each listener, all on one loop, ended by us."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from typing import Any, Final

import uvicorn

from busyout.domain.errors import InvalidValue
from busyout.settings import Tls

GRACE: Final = 5
"""Seconds that requests in progress have when the server stops."""


class Listener(uvicorn.Server):
    """A server that leaves the signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    def end(self) -> None:
        """Stop accepting, finish what is in progress, return from `serve`."""
        self.should_exit = True


def listener(app: Any, tls: Tls | None) -> Listener:  # noqa: ANN401 - an ASGI application
    """A server for an application, not yet listening."""
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=GRACE,
        limit_concurrency=4096,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
    return Listener(config)


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
