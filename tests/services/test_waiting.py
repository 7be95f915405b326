"""Several may wait for one operation: none of them takes the bell from the others."""

import asyncio

import pytest
from tests.world import World

from busyout.domain.commands import Commit
from busyout.domain.operation import Operation, OperationState
from busyout.services.waiting import Waiting

pytestmark = pytest.mark.anyio

TURNS = 50
"""Turns of the loop within which somebody who is woken has looked."""


async def test_who_gives_up_lets_the_others_be_woken_at_once(world: World) -> None:
    begun = await world.start(Commit())
    ended = await world.settled(begun.id)
    assert ended.state is OperationState.SUCCEEDED
    journal: dict[str, Operation] = {begun.id: begun}

    async def find(operation: str) -> Operation:
        return journal[operation]

    waiting = Waiting(find, {})
    first, second = (asyncio.ensure_future(waiting.wait_settled(begun.id, timeout=None)) for _ in range(2))
    await asyncio.sleep(0)
    assert not (await waiting.wait_settled(begun.id, timeout=0)).settled
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    third = asyncio.ensure_future(waiting.wait_settled(begun.id, timeout=None))
    await asyncio.sleep(0)
    journal[begun.id] = ended
    waiting.settled(begun.id)
    for _ in range(TURNS):
        await asyncio.sleep(0)
    assert (second.done(), third.done()) == (True, True)
