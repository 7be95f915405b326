"""The server itself: its mode (document "Set Server Mode") and its status (page "Query Server Status")."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from busyout.faces.ucs.routes.base import Base
from busyout.faces.ucs.tally import Tally
from busyout.faces.ucs.translate import asked, told
from busyout.http import Reply, Request, RequestClass, Route
from busyout.wire.ucs import privileges
from busyout.wire.ucs.messages import ServerChanged, encoded


@dataclass(frozen=True, slots=True)
class Server:
    """The handlers."""

    base: Base
    tally: Tally

    async def switch(self, request: Request[object, None]) -> Reply:
        """Change the mode, once the requests of the old one are done."""
        mode = asked.mode_of(request.body)
        await self.base.services.modes.switch(request.caller, mode)
        location = ("Location", f"{self.base.prefix}/server/status")
        return Reply(body=encoded(ServerChanged(mode.value)), headers=(location,))

    async def status(self, _request: Request[None, None]) -> Reply:
        """How the server is, and in which mode."""
        services = self.base.services
        memory = services.process.memory()
        return Reply(body=encoded(told.status(services.gate.mode, memory, self.tally, services.clock.now())))


def routes(base: Base, tally: Tally) -> Iterator[Route]:
    """Mode and status."""
    server = Server(base, tally)
    yield base.write("POST", "/server/mode", server.switch, (privileges.SET_MODE,), RequestClass.ANY)
    status = base.read("/server/status", server.status, (), RequestClass.ANY)
    yield replace(status, entrance=None) if base.services.context_rules.status_during_switch else status
