"""A list is made only as long as somebody waits for it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from busyout.faces.provd.routes.listing import PIECE, WHOLE, listed

pytestmark = pytest.mark.anyio


@dataclass
class Reader:
    """A client that goes away after so many documents were made for it, and the documents."""

    leaves_after: int
    matching: bool = True
    """Whether a document is in the list; otherwise it is looked at only."""
    made: int = 0
    closed: bool = False
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def documents(self) -> AsyncIterator[dict[str, Any]]:
        try:
            while self.made < 100 * self.leaves_after:
                self.made += 1
                if self.made == self.leaves_after:
                    self.left.set()
                await asyncio.sleep(0)
                if self.matching or self.made == 1:
                    yield {"text": "x" * (WHOLE if not self.matching else 1000)}
        finally:
            self.closed = True

    async def gone(self) -> None:
        await self.left.wait()


@pytest.mark.parametrize("matching", [True, False])
async def test_a_query_ends_when_its_client_has_left_before_the_answer_began(matching: bool) -> None:
    reader = Reader(leaves_after=50, matching=matching)
    if not matching:
        reader.made = 1
    reply = await listed("devices", reader.documents(), reader.gone)
    assert (reply.body, reply.pieces) == (b"", None)
    assert (reader.closed, reader.made < 60) == (True, True)


async def test_a_query_ends_when_its_client_has_left_in_the_middle_of_the_answer() -> None:
    reader = Reader(leaves_after=50, matching=False)
    reply = await listed("devices", reader.documents(), reader.gone)
    assert reply.pieces is not None
    assert [piece async for piece in reply.pieces] == []
    assert (reader.closed, reader.made < 60) == (True, True)


async def test_a_list_of_any_size_is_whole_for_who_stays() -> None:
    for number in (0, 1, WHOLE // 1000 + 10, 3 * WHOLE // 1000):
        reader = Reader(leaves_after=1_000_000)
        reader.made = 100 * reader.leaves_after - number
        reply = await listed("devices", reader.documents(), reader.gone)
        rest = [] if reply.pieces is None else [piece async for piece in reply.pieces]
        assert all(len(piece) < PIECE + 2000 for piece in rest)
        assert (reply.body + b"".join(rest)).count(b'"text"') == number
        assert (reply.body + b"".join(rest)).endswith(b"]}")
