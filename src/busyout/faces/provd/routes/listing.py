"""Lists of documents: a small one as a whole, a large one in pieces, so that none of them is ever all in memory."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final

from busyout.http import Reply
from busyout.wire.provd.messages import encoded

PIECE: Final = 128 * 1024
"""Bytes after which a piece of a list goes out."""

WHOLE: Final = 1024 * 1024
"""Bytes up to which a list is one answer, with its length."""


async def listed(member: str, documents: AsyncIterator[dict[str, Any]]) -> Reply:
    """The list of that name."""
    pieces = written(member, documents)
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) >= WHOLE:
            return Reply(body=bytes(body), pieces=pieces)
    return Reply(body=bytes(body))


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
