"""Very many tokens to judge at once, by a service that does not answer."""

import asyncio

import pytest
from tests.clock import ManualClock

from busyout.domain.errors import TokenServiceUnavailable
from busyout.domain.operator import Caller, Level
from busyout.ports.tokens import Grant
from busyout.services.tokens import AT_ONCE, Tokens

pytestmark = pytest.mark.anyio


class Held:
    """A service that answers nobody until it is released."""

    def __init__(self) -> None:
        self.released = asyncio.Event()

    async def check(self, token: str) -> Grant | None:
        """The same grant for everybody."""
        await self.released.wait()
        return Grant(token, Level.MONITOR, "one", None)


async def ask(tokens: Tokens, token: str) -> Caller:
    return await tokens.authenticate(token, face="provd", address="127.0.0.1")


async def test_nobody_waits_for_a_turn_for_ever() -> None:
    service = Held()
    tokens = Tokens({}, service, ManualClock(), turn=0.0)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(ask(tokens, f"token {number}")) for number in range(AT_ONCE)]
        await asyncio.wait(asked, timeout=0)
        with pytest.raises(TokenServiceUnavailable):
            await ask(tokens, "one too many")
        service.released.set()
    assert {task.result().name for task in asked} == {f"token {number}" for number in range(AT_ONCE)}
    assert (await ask(tokens, "one too many")).name == "one too many"
