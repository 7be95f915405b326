"""Lists of documents: a small one as a whole, a large one in pieces, so that none of them is ever all in memory.

A list is made only as long as somebody waits for it: a query may look at many documents that it does not find.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any, Final

from busyout.http import Reply, unless_gone
from busyout.wire.provd.messages import encoded

PIECE: Final = 128 * 1024
"""Bytes after which a piece of a list goes out."""

WHOLE: Final = 1024 * 1024
"""Bytes up to which a list is one answer, with its length."""


Gone = Callable[[], Awaitable[None]]
"""Returns when the client has gone away."""


async def listed(member: str, documents: AsyncIterator[dict[str, Any]], gone: Gone) -> Reply:
    """The list of that name; nothing where the client has gone away."""
    pieces = written(member, documents)
    body = await unless_gone(_begun(pieces), gone)
    if body is None:
        await pieces.aclose()
        return Reply()
    return Reply(body=body, pieces=_rest(pieces, gone) if len(body) >= WHOLE else None)


async def _begun(pieces: AsyncIterator[bytes]) -> bytes:
    """The first `WHOLE` bytes or some more; all where there are fewer."""
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) >= WHOLE:
            break
    return bytes(body)


async def _rest(pieces: AsyncGenerator[bytes, None], gone: Gone) -> AsyncGenerator[bytes, None]:
    """What is left, until there is no more or the client has gone away."""
    try:
        while piece := await unless_gone(_next(pieces), gone):
            yield piece
    finally:
        await pieces.aclose()


async def _next(pieces: AsyncIterator[bytes]) -> bytes:
    """The next piece; an empty one at the end."""
    return await anext(pieces, b"")


async def written(member: str, documents: AsyncIterator[dict[str, Any]]) -> AsyncGenerator[bytes, None]:
    """The bytes of a list, as its documents come."""
    piece, between = bytearray(b'{"%s":[' % member.encode()), b""
    async for document in documents:
        piece += between + encoded(document)
        between = b","
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece + b"]}")
