"""The configuration of an element: the tables of running and startup, and what differs."""

from typing import Final

from busyout.faces.native import auth, errors, translate
from busyout.faces.native.routes.elements import ELEMENT, acknowledged
from busyout.http import Handler, Reply, Request, Route, Services, encoded
from busyout.wire import native

CONFIGURATION: Final = f"{ELEMENT}/configuration"

APPLY_PATIENCE: Final = 20.0
"""Longest wait for a configuration to be in effect, in seconds; after it the answer is 202."""


class Configuration:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._configuration = services.configuration
        self._operations = services.operations

    async def running(self, request: Request[None, None]) -> Reply:
        """What is in effect."""
        revision = await self._configuration.read(request.path["name"], translate.RUNNING)
        return _told(request, revision.digest, translate.http_date(revision), translate.tables(revision))

    async def startup(self, request: Request[None, None]) -> Reply:
        """What is in effect after the next start."""
        revision = await self._configuration.read(request.path["name"], translate.STARTUP)
        return _told(request, revision.digest, translate.http_date(revision), translate.tables(revision))

    async def replace(self, request: Request[native.Tables, None]) -> Reply:
        """Put a new configuration into effect."""
        name, command = request.path["name"], translate.configure(request.body, request.header("If-Match"))
        operation = await self._operations.start(request.caller, name, command, key=request.header("Idempotency-Key"))
        settled = await self._operations.wait_settled(operation.id, timeout=APPLY_PATIENCE)
        if not translate.applied(settled):
            return acknowledged(translate.operation(settled))
        tag = translate.entity_tag(command.tables)
        return Reply(body=encoded(translate.operation(settled)), headers=(("ETag", tag),))

    async def difference(self, request: Request[None, None]) -> Reply:
        """What saving would change."""
        name = request.path["name"]
        running = await self._configuration.read(name, translate.RUNNING)
        startup = await self._configuration.read(name, translate.STARTUP)
        return Reply(body=encoded(translate.difference(running, startup)))


def _told(request: Request[None, None], digest: str, date: str, tables: native.Tables) -> Reply:
    headers = (("ETag", f'"{digest}"'), ("Last-Modified", date))
    if translate.matches(request.header("If-None-Match"), digest):
        return Reply(304, headers=headers)
    return Reply(body=encoded(tables), headers=headers)


def routes(services: Services) -> tuple[Route, ...]:
    """The routes."""
    handlers = Configuration(services)
    return (
        _get("running", handlers.running, "The configuration in effect"),
        _get("startup", handlers.startup, "The configuration after the next start"),
        Route(
            method="PUT",
            path=f"{CONFIGURATION}/running",
            handler=handlers.replace,
            level=auth.ACTING,
            summary="Put a configuration into effect, live as far as possible",
            answers={200: native.Operation, 202: native.Operation},
            body=native.Tables,
            headers=("If-Match", "Idempotency-Key"),
            refuses=errors.OF_CONFIGURATION,
        ),
        Route(
            method="GET",
            path=f"{CONFIGURATION}/diff",
            handler=handlers.difference,
            level=auth.READING,
            summary="What saving would change",
            answers={200: native.Difference},
            refuses=errors.OF_ELEMENT,
        ),
    )


def _get(datastore: str, handler: Handler, summary: str) -> Route:
    return Route(
        method="GET",
        path=f"{CONFIGURATION}/{datastore}",
        handler=handler,
        level=auth.READING,
        summary=summary,
        answers={200: native.Tables, 304: None},
        headers=("If-None-Match",),
        refuses=errors.OF_ELEMENT,
    )
