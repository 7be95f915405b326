"""Ports for servers that a test starts later, mostly in another process."""

import os
import socket
from collections.abc import Iterator
from itertools import cycle
from random import randrange
from typing import Final

LOWEST: Final = 10_000
HIGHEST: Final = 20_000
"""Below the ports that the system gives to whoever asks for none: those may be taken again before a server is up."""

WORKERS: Final = 16
"""Most processes of one run of the tests; each draws ports of its own."""

_WORKER: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_OWN: Final = range(LOWEST + _WORKER % WORKERS, HIGHEST, WORKERS)
_FIRST: Final = randrange(len(_OWN))
_DRAWN: Final[Iterator[int]] = cycle((*_OWN[_FIRST:], *_OWN[:_FIRST]))


def free_port(address: str = "127.0.0.1") -> int:
    """A port that nobody uses now, neither of TCP nor of UDP, and that this process has not given away lately.

    Raises:
        OSError: There is none.
    """
    for port in (next(_DRAWN) for _ in _OWN):
        if all(_free(address, port, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
            return port
    raise OSError(f"no port of {address} is free")


def _free(address: str, port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
