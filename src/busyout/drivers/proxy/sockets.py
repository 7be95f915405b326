"""The UDP sockets of the engine."""

import errno
import socket
from collections.abc import Iterable

from busyout.domain.configuration.tables import Interface
from busyout.domain.errors import InvalidConfiguration
from busyout.drivers.proxy.replies import Address

BUFFER = 4 * 1024 * 1024
"""Bytes asked of the system for each direction; it may give less."""

WHY = {
    errno.EADDRINUSE: "is taken by another process",
    errno.EADDRNOTAVAIL: "is not an address of this machine",
    errno.EACCES: "needs privileges that the engine does not have",
}


def bind(rows: Iterable[Interface], held: dict[Address, socket.socket]) -> dict[int, socket.socket]:
    """A socket for each interface by its index; those in `held` are used where their address fits.

    Raises:
        InvalidConfiguration: An address cannot be used; each finding names the row. None of the new ones stays open.
    """
    bound: dict[int, socket.socket] = {}
    fresh: list[socket.socket] = []
    findings: list[str] = []
    for row in rows:
        address = (row.address, row.port)
        if address in held:
            bound[row.index] = held[address]
            continue
        try:
            bound[row.index] = _bind(address)
            fresh.append(bound[row.index])
        except OSError as error:
            why = WHY.get(error.errno or 0, f"cannot be used: {error.strerror}")
            findings.append(f"interface {row.index} ({row.name}): {row.address}:{row.port} {why}")
    if findings:
        for one in fresh:
            one.close()
        raise InvalidConfiguration(tuple(findings))
    return bound


def _bind(address: Address) -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        udp.bind(address)
    except OSError:
        udp.close()
        raise
    return udp


def source_of(host: str) -> str | None:
    """The local address that the system would send from to reach a host; None when it has no way there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))
        except OSError:
            return None
        address: str = probe.getsockname()[0]
        return address
