"""Operations in progress: opened by what starts them, followed and given up by those who asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from busyout.faces.provd.routes.base import GONE, Base
from busyout.faces.provd.translate import asked, progress
from busyout.http import Caller, Reply, Request, Route, unless_gone
from busyout.wire.provd.messages import encoded


@dataclass(frozen=True, slots=True)
class Monitored:
    """The monitors of one collection; it is called as the path says, so that both prefixes have the same numbers."""

    base: Base
    collection: Callable[[Request[object, object]], str]
    """Path of the collection below the prefix, as a request has it."""

    async def get(self, request: Request[object, object]) -> Reply:
        """GET <uri>: the status, or, with `Prefer: wait=N`, the status when it has ended or N seconds have passed."""
        monitors, caller, collection = self.base.services.monitors, request.caller, self.collection(request)
        number, wait = asked.number_of(request.path["number"]), asked.wait_of(request.header("Prefer"))
        if wait is None or monitors.crowded:  # a preference need not be honoured (RFC 7240, 2)
            operation = await monitors.find(caller, collection, number)
            if operation.settled:
                return Reply(body=self.base.ready.once(operation.id, lambda: encoded(progress.status(operation))))
            return Reply(body=encoded(progress.status(operation)))
        ended = await unless_gone(monitors.wait(caller, collection, number, wait), request.gone)
        operation = ended or await monitors.find(caller, collection, number)
        return Reply(body=encoded(progress.status(operation)), headers=(("Preference-Applied", f"wait={wait}"),))

    async def delete(self, request: Request[object, object]) -> Reply:
        """DELETE <uri>: removes the monitor, never the operation."""
        number = asked.number_of(request.path["number"])
        await self.base.services.monitors.delete(request.caller, self.collection(request), number)
        return GONE


async def opened(base: Base, caller: Caller, collection: str, operation: str) -> Reply:
    """201 with the address of a new monitor of an operation."""
    return base.created(collection, await base.services.monitors.open(caller, collection, operation))


def routes(base: Base, path: str) -> Iterator[Route]:
    """The monitors of the collection at `path`, whose variable parts may name what is gone meanwhile."""
    template = path.removeprefix("/")
    service = Monitored(base, lambda request: template.format_map(request.path))
    yield base.get(f"{path}/{{number}}", service.get, "An operation in progress")
    yield base.act("DELETE", f"{path}/{{number}}", service.delete, "Give up a monitor")
