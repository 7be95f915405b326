"""The driver contract's harness for simulated engines."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.clock import ManualClock
from tests.contracts.driver import Answer

from busyout.domain.configuration.tables import Classification, Interface, Peer, Route, Tables, Trunk, TrunkSet
from busyout.domain.element import Element
from busyout.drivers.registry import Registry
from busyout.drivers.simulated.network import SimulatedNetwork
from busyout.ports.driver import Driver

TABLES = Tables(
    interface=(Interface(index=0, name="main", address="127.0.0.1", port=5060),),
    trunk_set=(
        TrunkSet(index=0, name="first", keep_alive=True, keep_alive_interval=0.2),
        TrunkSet(index=1, name="second"),
    ),
    trunk=(
        Trunk(index=0, trunk_set="first", address="127.0.0.1", port=5080),
        Trunk(index=1, trunk_set="second", address="127.0.0.1", port=5081),
    ),
    peer=(
        Peer(index=0, name="callers"),
        Peer(index=1, name="first", trunk_set="first"),
        Peer(index=2, name="second", trunk_set="second"),
    ),
    classification=(Classification(index=0, name="any", peer="callers"),),
    route=(Route(index=0, name="all", peer="first"),),
)

RINGING = 30.0
"""Seconds for which a call rings until it is picked up."""


class SimulatedHarness:
    """Implements `tests.contracts.driver.Harness`."""

    def __init__(self, options: dict[str, str]) -> None:
        self.tables = TABLES
        self.clock = ManualClock()
        self.network = SimulatedNetwork(self.clock)
        self.engine = self.network.engine("sbc")
        self._element = Element(name="sbc", kind="sbc", driver="simulated", options=options)

    def make(self) -> Driver:
        return Registry(self.clock, self.network).make(self._element, Path("unused"))

    async def place(self) -> str:
        outcome = self.engine.call(seconds=3600)
        assert outcome.admitted
        return outcome.id

    async def ring(self) -> str:
        outcome = self.engine.call(ringing=RINGING, seconds=3600)
        assert outcome.admitted
        return outcome.id

    async def pick_up(self, call: str) -> bool:
        await self.clock.advance(RINGING)
        return any(up.id == call and up.state == "established" for up in self.engine.calls)

    async def hang_up(self, call: str) -> bool:
        there = call in self._up()
        self.engine.hang_up(call)
        return there and call not in self._up()

    async def offer(self) -> Answer:
        outcome = self.engine.call(seconds=3600)
        self.engine.hang_up(outcome.id)
        return Answer(outcome.status, outcome.retry_after)

    async def both_told(self, call: str) -> bool:
        return call not in self._up()

    async def trunk_answers(self, answers: bool) -> None:
        self.engine.trunk_answers("first/0", answers)

    async def kill(self) -> None:
        self.engine.die()

    async def wait(self, condition: Callable[[], Awaitable[bool]]) -> None:
        for _ in range(100):
            if await condition():
                return
            await self.clock.advance(0.1)
        raise TimeoutError("not within ten simulated seconds")

    def _up(self) -> set[str]:
        return {call.id for call in self.engine.calls if call.state != "ending"}
