"""The server itself: health, metrics, and what the API looks like."""

from collections.abc import Callable

from busyout.faces.native import auth, errors, metrics, translate
from busyout.http import Reply, Request, Route, Services, encoded
from busyout.wire import native


class Server:
    """Handlers."""

    def __init__(self, services: Services, ready: Callable[[], bool]) -> None:
        self._services = services
        self._ready = ready

    async def health(self, _request: Request[None, None]) -> Reply:
        """That the process lives."""
        return Reply(body=encoded(native.Health("ok")))

    async def readiness(self, _request: Request[None, None]) -> Reply:
        """Whether requests can be served."""
        if self._ready():
            return Reply(body=encoded(native.Health("ok")))
        return Reply(503, encoded(native.Health("starting")))

    async def metrics(self, _request: Request[None, None]) -> Reply:
        """The estate in figures."""
        elements = tuple(translate.element(status) for status in self._services.inventory.statuses())
        unsettled = len(await self._services.operations.unsettled())
        return Reply(body=metrics.exposition(elements, unsettled))


def routes(services: Services, ready: Callable[[], bool]) -> tuple[Route, ...]:
    """The routes."""
    handlers = Server(services, ready)
    return (
        Route(
            method="GET",
            path="/healthz",
            handler=handlers.health,
            level=auth.PUBLIC,
            summary="Whether the process lives",
            answers={200: native.Health},
        ),
        Route(
            method="GET",
            path="/readyz",
            handler=handlers.readiness,
            level=auth.PUBLIC,
            summary="Whether requests can be served",
            answers={200: native.Health, 503: native.Health},
        ),
        Route(
            method="GET",
            path="/metrics",
            handler=handlers.metrics,
            level=auth.READING,
            summary="The estate in figures, for Prometheus",
            answers={200: None},
            produces=metrics.MEDIA_TYPE,
            refuses=errors.OF_STORE,
        ),
    )
