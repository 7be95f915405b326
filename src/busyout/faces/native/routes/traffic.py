"""What an element carries: calls, trunks, counters."""

from typing import Final

from busyout.faces.native import auth, errors, translate
from busyout.faces.native.routes.elements import ELEMENT
from busyout.faces.native.routes.paging import Named, page
from busyout.http import Handler, Reply, Request, Route, Services, encoded
from busyout.wire import native

CALLS: Final = f"{ELEMENT}/calls"

TRUNKS: Final = f"{ELEMENT}/trunks"


class Traffic:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._traffic = services.traffic

    async def calls(self, request: Request[None, Named]) -> Reply:
        """Calls in progress, oldest first."""
        asked = request.query
        calls = await self._traffic.calls(request.path["name"], limit=asked.limit, after=asked.after)
        found = [translate.call(call) for call in calls]
        return Reply(body=encoded(page(found, limit=asked.limit, key=lambda call: call.id)))

    async def end_all(self, request: Request[None, None]) -> Reply:
        """End every call."""
        ended = await self._traffic.end_calls(request.caller, request.path["name"], None)
        return Reply(body=encoded(translate.ended(ended)))

    async def end_one(self, request: Request[None, None]) -> Reply:
        """End one call."""
        ended = await self._traffic.end_calls(request.caller, request.path["name"], (request.path["call"],))
        return Reply(body=encoded(translate.ended(ended)))

    async def trunks(self, request: Request[None, None]) -> Reply:
        """Every trunk."""
        trunks = await self._traffic.trunks(request.path["name"])
        return Reply(body=encoded(native.Page(tuple(translate.trunk(trunk) for trunk in trunks), None)))

    async def set_trunk(self, request: Request[native.TrunkChange, None]) -> Reply:
        """Use a trunk or not."""
        name, trunk = request.path["name"], request.path["trunk"]
        await self._traffic.set_trunk(request.caller, name, trunk, enabled=request.body.enabled)
        return Reply(204)

    async def counters(self, request: Request[None, None]) -> Reply:
        """Counters since the engine's start."""
        return Reply(body=encoded(translate.counters(await self._traffic.counters(request.path["name"]))))


def routes(services: Services) -> tuple[Route, ...]:
    """The routes."""
    handlers = Traffic(services)
    return (
        Route(
            method="GET",
            path=CALLS,
            handler=handlers.calls,
            level=auth.READING,
            summary="Calls in progress, oldest first",
            answers={200: native.Page[native.Call]},
            query=Named,
            refuses=errors.OF_CALLS,
        ),
        _end(CALLS, handlers.end_all, "End every call"),
        _end(f"{CALLS}/{{call:path}}", handlers.end_one, "End one call"),
        Route(
            method="GET",
            path=TRUNKS,
            handler=handlers.trunks,
            level=auth.READING,
            summary="Every trunk and its state",
            answers={200: native.Page[native.TrunkStatus]},
            refuses=errors.OF_TRUNKS,
        ),
        Route(
            method="PATCH",
            path=f"{TRUNKS}/{{trunk:path}}",
            handler=handlers.set_trunk,
            level=auth.ACTING,
            summary="Use a trunk for new calls, or not",
            answers={204: None},
            body=native.TrunkChange,
            refuses=errors.OF_TRUNKS,
        ),
        Route(
            method="GET",
            path=f"{ELEMENT}/counters",
            handler=handlers.counters,
            level=auth.READING,
            summary="Counters since the engine's start",
            answers={200: native.Counters},
            refuses=errors.OF_ELEMENT,
        ),
    )


def _end(path: str, handler: Handler, summary: str) -> Route:
    return Route(
        method="DELETE",
        path=path,
        handler=handler,
        level=auth.ACTING,
        summary=summary,
        answers={200: native.EndedCalls},
        refuses=errors.OF_CALLS,
    )
