"""HTTP by hand, for what no client would send."""

import asyncio
from base64 import b64encode
from urllib.parse import urlsplit

from tests.client import Answer
from tests.world import PASSWORD

ADMIN = b"Authorization: Basic " + b64encode(f"admin:{PASSWORD}".encode()) + b"\r\n"


async def dialogue(base: str, sent: bytes, *, hang_up: bool = False) -> bytes:
    """Send bytes and read what comes until the server is done; with `hang_up`, stop sending and go away at once."""
    address = urlsplit(base)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(sent)
        await writer.drain()
        if hang_up:
            return b""
        async with asyncio.timeout(10):
            return await reader.read()
    finally:
        writer.close()


async def exchange(base: str, line: bytes, headers: bytes = ADMIN, body: bytes = b"") -> Answer:
    """One request on a connection of its own."""
    head = line + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers
    if body:
        head += b"Content-Length: %d\r\n" % len(body)
    answered = await dialogue(base, head + b"\r\n" + body)
    told, _, payload = answered.partition(b"\r\n\r\n")
    status, *lines = told.decode("latin-1").split("\r\n")
    pairs = (line.split(": ", 1) for line in lines)
    return Answer(int(status.split()[1]), {name.lower(): value for name, value in pairs}, payload)
