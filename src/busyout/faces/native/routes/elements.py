"""Elements: the list, one of them, and what is asked of them."""

from typing import Final
from urllib.parse import quote

from busyout.faces.native import auth, errors, translate
from busyout.faces.native.routes.paging import Named, page
from busyout.http import Reply, Request, Route, Services, encoded
from busyout.wire import native

ELEMENTS: Final = "/v1/elements"

ELEMENT: Final = "/v1/elements/{name}"


class Elements:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def all(self, request: Request[None, Named]) -> Reply:
        """Every element, by name."""
        names = sorted(self._services.inventory.names())
        wanted = [name for name in names if name > (request.query.after or "")][: request.query.limit]
        found = [translate.element(self._services.inventory.status(name)) for name in wanted]
        return Reply(body=encoded(page(found, limit=request.query.limit, key=lambda element: element.name)))

    async def one(self, request: Request[None, None]) -> Reply:
        """One element."""
        return Reply(body=encoded(translate.element(self._services.inventory.status(request.path["name"]))))

    async def add(self, request: Request[native.NewElement, None]) -> Reply:
        """A new element."""
        element, tables = translate.new_element(request.body), translate.domain_tables(request.body.tables)
        await self._services.roster.add(request.caller, element, tables)
        body = encoded(translate.element(self._services.inventory.status(element.name)))
        return Reply(201, body, headers=(("Location", f"{ELEMENTS}/{quote(element.name)}"),))

    async def remove(self, request: Request[None, None]) -> Reply:
        """Forget an element and end its engine."""
        await self._services.roster.remove(request.caller, request.path["name"])
        return Reply(204)

    async def command(self, request: Request[native.Command, None]) -> Reply:
        """Ask something of an element."""
        command, key = translate.command(request.body), request.header("Idempotency-Key")
        operation = await self._services.operations.start(request.caller, request.path["name"], command, key=key)
        return acknowledged(translate.operation(operation))


def acknowledged(operation: native.Operation) -> Reply:
    """202: the operation is on its way."""
    location = ("Location", f"/v1/operations/{quote(operation.id)}")
    return Reply(202, encoded(operation), headers=(location,))


def routes(services: Services) -> tuple[Route, ...]:
    """The routes."""
    handlers = Elements(services)
    return (
        Route(
            method="GET",
            path=ELEMENTS,
            handler=handlers.all,
            level=auth.READING,
            summary="Every element",
            answers={200: native.Page[native.Element]},
            query=Named,
        ),
        Route(
            method="POST",
            path=ELEMENTS,
            handler=handlers.add,
            level=auth.ACTING,
            summary="Add an element",
            answers={201: native.Element},
            body=native.NewElement,
            refuses=errors.OF_ROSTER,
        ),
        Route(
            method="GET",
            path=ELEMENT,
            handler=handlers.one,
            level=auth.READING,
            summary="One element",
            answers={200: native.Element},
            refuses=errors.OF_ELEMENT,
        ),
        Route(
            method="DELETE",
            path=ELEMENT,
            handler=handlers.remove,
            level=auth.ACTING,
            summary="Remove an element",
            answers={204: None},
            refuses=errors.OF_COMMANDS,
        ),
        Route(
            method="POST",
            path=f"{ELEMENT}/operations",
            handler=handlers.command,
            level=auth.ACTING,
            summary="Start an operation",
            answers={202: native.Operation},
            body=native.Command,
            headers=("Idempotency-Key",),
            refuses=(*errors.OF_COMMANDS, *errors.OF_STORE),
        ),
    )
