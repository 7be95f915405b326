"""Operations: the list, one of them, and how to influence it."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from busyout.faces.native import auth, errors, translate
from busyout.faces.native.routes.elements import acknowledged
from busyout.faces.native.routes.paging import Key, Limit, page
from busyout.http import Handler, Reply, Request, Route, Services, encoded
from busyout.wire import native

OPERATIONS: Final = "/v1/operations"

OPERATION: Final = "/v1/operations/{id}"


class Which(Struct, frozen=True):
    """Which operations."""

    element: Annotated[str, Meta(max_length=64)] | None = None
    settled: bool | None = None
    limit: Limit = 50
    after: Key | None = None


class Operations:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._operations = services.operations

    async def all(self, request: Request[None, Which]) -> Reply:
        """Operations, newest first."""
        asked = request.query
        query = translate.query(element=asked.element, settled=asked.settled, after=asked.after, limit=asked.limit)
        found = [translate.operation(operation) for operation in await self._operations.page(query)]
        return Reply(body=encoded(page(found, limit=asked.limit, key=lambda operation: operation.id)))

    async def one(self, request: Request[None, None]) -> Reply:
        """One operation, as it is now."""
        return Reply(body=encoded(translate.operation(await self._operations.find(request.path["id"]))))

    async def cancel(self, request: Request[None, None]) -> Reply:
        """Undo what was done."""
        return _asked(translate.operation(await self._operations.cancel(request.caller, request.path["id"])))

    async def force(self, request: Request[None, None]) -> Reply:
        """End the calls that are left."""
        return _asked(translate.operation(await self._operations.force(request.caller, request.path["id"])))

    async def extend(self, request: Request[native.Extension, None]) -> Reply:
        """Give the calls that are left more time."""
        operation = await self._operations.extend(request.caller, request.path["id"], request.body.seconds)
        return _asked(translate.operation(operation))

    async def retry(self, request: Request[None, None]) -> Reply:
        """Do it once more."""
        return acknowledged(translate.operation(await self._operations.retry(request.caller, request.path["id"])))


def _asked(operation: native.Operation) -> Reply:
    return Reply(202, encoded(operation))


def routes(services: Services) -> tuple[Route, ...]:
    """The routes."""
    handlers = Operations(services)
    return (
        Route(
            method="GET",
            path=OPERATIONS,
            handler=handlers.all,
            level=auth.READING,
            summary="Operations, newest first",
            answers={200: native.Page[native.Operation]},
            query=Which,
            refuses=errors.OF_STORE,
        ),
        Route(
            method="GET",
            path=OPERATION,
            handler=handlers.one,
            level=auth.READING,
            summary="One operation with its steps",
            answers={200: native.Operation},
            refuses=errors.OF_OPERATION,
        ),
        _influence("cancel", handlers.cancel, "Undo an operation"),
        _influence("force", handlers.force, "End the calls that a drain still waits for"),
        Route(
            method="POST",
            path=f"{OPERATION}/extend",
            handler=handlers.extend,
            level=auth.ACTING,
            summary="Move the deadline of a drain",
            answers={202: native.Operation},
            body=native.Extension,
            refuses=errors.OF_REQUESTS,
        ),
        Route(
            method="POST",
            path=f"{OPERATION}/retry",
            handler=handlers.retry,
            level=auth.ACTING,
            summary="Start a settled operation's command anew",
            answers={202: native.Operation},
            refuses=errors.OF_RETRY,
        ),
    )


def _influence(word: str, handler: Handler, summary: str) -> Route:
    return Route(
        method="POST",
        path=f"{OPERATION}/{word}",
        handler=handler,
        level=auth.ACTING,
        summary=summary,
        answers={202: native.Operation},
        refuses=errors.OF_REQUESTS,
    )
