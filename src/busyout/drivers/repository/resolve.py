"""Names turned into addresses, once for each connection."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from busyout.drivers.repository.addresses import Address
from busyout.drivers.repository.target import literal
from busyout.drivers.repository.trouble import Unreadable

Resolve = Callable[[str, int], Awaitable[tuple[Address, ...]]]
"""The addresses of a host. Raises Unreadable where there are none."""


async def resolve(host: str, port: int) -> tuple[Address, ...]:
    """The addresses of a host as the system knows them, in its order.

    Raises:
        Unreadable: There are none.
    """
    if literal(host):
        return (ip_address(host),)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise Unreadable("the name is not known", passing=error.errno == socket.EAI_AGAIN) from error
    except (OSError, UnicodeError) as error:
        raise Unreadable("the name cannot be resolved", passing=True) from error
    return tuple(dict.fromkeys(ip_address(place[0]) for *_, place in found))
