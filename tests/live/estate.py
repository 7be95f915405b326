"""A server whose SBC stands between callers and an answerer, each on a free port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.live import sipp
from tests.live.api import Api
from tests.live.server import Server
from tests.live.sipp import Address, Holds, Sipp
from tests.ports import free_port

ADDRESS = "127.0.0.1"

SETTINGS = """
[store]
url = "{store}"

[faces.mediant]
element = "sbc"

[[elements]]
name = "sbc"
kind = "sbc"
driver = "proxy"
retry_after = 5

[elements.configuration]
interface = [{{ index = 0, name = "sip", address = "{address}", port = {sip} }}]
trunk_set = [{{ index = 0, name = "carrier", keep_alive = {keep_alive}, keep_alive_interval = 0.5 }}]
trunk = [{{ index = 0, trunk_set = "carrier", address = "{address}", port = {trunk} }}]
peer = [{{ index = 0, name = "users" }}, {{ index = 1, name = "trunk", trunk_set = "carrier" }}]
classification = [{{ index = 0, name = "everyone", peer = "users" }}]
route = [{{ index = 0, name = "out", peer = "trunk" }}]
"""


@dataclass(slots=True)
class Estate:
    """The server, a client of its APIs, and where SIP is spoken."""

    server: Server
    api: Api
    sbc: Address
    trunk: Address
    parties: list[Sipp] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def of(cls, home: Path, *, store: str, keep_alive: bool = False) -> AsyncIterator[Self]:
        """A server that is ready; it, its engine and all parties are gone after the block."""
        sbc, trunk = (ADDRESS, free_port(ADDRESS)), (ADDRESS, free_port(ADDRESS))
        alive = str(keep_alive).lower()
        settings = SETTINGS.format(store=store, address=ADDRESS, sip=sbc[1], trunk=trunk[1], keep_alive=alive)
        server = Server(home, settings)
        async with Api.of(server) as api:
            estate = cls(server, api, sbc, trunk)
            try:
                await server.start()
                await api.element_when(lambda element: element["operational"] == "enabled")
                yield estate
            finally:
                for party in estate.parties:
                    await party.kill()
                await server.stop()
                print(server.last_lines())

    async def answerer(self, *, bye_delay: float = 0.0, lost: int = 0) -> Sipp:
        """An answerer at the trunk's address."""
        party = await sipp.answerer(self._parties, self.trunk, bye_delay=bye_delay, lost=lost)
        self.parties.append(party)
        return party

    async def caller(self, *, calls: int, rate: float, hold: float | Holds, lost: int = 0) -> Sipp:
        """A caller that calls through the SBC."""
        holds = hold if isinstance(hold, tuple) else (hold, hold, hold)
        own = (ADDRESS, free_port(ADDRESS))
        party = await sipp.caller(self._parties, own, self.sbc, calls=calls, rate=rate, hold=holds, lost=lost)
        self.parties.append(party)
        return party

    @property
    def _parties(self) -> Path:
        return self.server.home / "parties"
