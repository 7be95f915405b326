"""Handing everything to a new process: state as a line of JSON, then the open sockets, then its word that it has them.

The old process does nothing else meanwhile: datagrams wait in the sockets, which stay open throughout. If the new
one does not say that it is ready, the old one goes on as if nothing had been.
"""

import socket
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from busyout.domain.errors import ElementUnreachable
from busyout.drivers.proxy.control import MAX_LINE, AskHandOver, encode
from busyout.drivers.proxy.home import connect
from busyout.drivers.proxy.memoir import Memoir

PATIENCE = 3.0
"""Seconds that either side waits for the other."""

MAX_SOCKETS = 64
READY = b"ready\n"


class Estate(Struct, frozen=True):
    """What the old process leaves."""

    epoch: float
    key: bytes
    addresses: list[tuple[str, int]]
    """Of the sockets, in the order in which they follow; the lock's descriptor comes before them."""
    memoir: Memoir


def give(connection: socket.socket, estate: Estate, descriptors: list[int]) -> bool:
    """Hand over to the process at the other end; false when it did not take everything."""
    connection.settimeout(PATIENCE)
    try:
        connection.sendall(encode(estate))
        socket.send_fds(connection, [b"\n"], descriptors)
        return connection.recv(len(READY)) == READY
    except OSError:
        return False


class Heir:
    """The new process's side of a hand-over."""

    def __init__(self, home: Path) -> None:
        """Ask the running process for its estate.

        Raises:
            ElementUnreachable: Nobody answers.
        """
        try:
            self._connection = connect(home)
            self._connection.settimeout(PATIENCE)
            self._connection.sendall(encode(AskHandOver()))
            line = self._line()
            _, descriptors, _, _ = socket.recv_fds(self._connection, 1, MAX_SOCKETS)
        except OSError as error:
            raise ElementUnreachable("the running engine did not hand over") from error
        try:
            self.estate = msgspec.json.decode(line, type=Estate)
        except msgspec.DecodeError as error:
            raise ElementUnreachable("the running engine handed over what this version does not know") from error
        self.lock = descriptors[0]
        self.sockets = {
            address: socket.socket(fileno=descriptor)
            for address, descriptor in zip(self.estate.addresses, descriptors[1:], strict=True)
        }

    def _line(self) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n"):
            part = self._connection.recv(1 << 20, socket.MSG_PEEK)
            if not part or len(line) > MAX_LINE:
                raise OSError("the hand-over broke off")
            end = part.find(b"\n") + 1
            line += self._connection.recv(end or len(part))
        return bytes(line)

    def accept(self, used: Iterable[socket.socket]) -> None:
        """Say that we are ready, and let go of the sockets that are not used: the old process ends."""
        for unused in set(self.sockets.values()).difference(used):
            unused.close()
        self._connection.sendall(READY)
        self._connection.close()
