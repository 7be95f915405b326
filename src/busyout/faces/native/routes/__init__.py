"""The resources of the native API, put together."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from busyout import __version__
from busyout.faces.native import auth, errors
from busyout.faces.native.routes import configuration, context, elements, operations, records, server, traffic
from busyout.http import Authenticator, Face, Reply, Request, Route, Services, document, encoded
from busyout.wire import native

PREFIXES = ("/v1", "/healthz", "/readyz", "/metrics", "/openapi.json")


def build(services: Services, operators: Authenticator, *, ready: Callable[[], bool]) -> Face:
    """The face; `ready` says whether requests can be served yet."""
    face = Face(
        name="native",
        prefixes=PREFIXES,
        routes=(
            *elements.routes(services),
            *operations.routes(services),
            *traffic.routes(services),
            *configuration.routes(services),
            *context.routes(services),
            *records.routes(services),
            *server.routes(services, ready),
        ),
        operators=operators,
        statuses=errors.STATUSES,
        worded=errors.worded,
        error_type=errors.PROBLEM_JSON,
    )
    described = document(face, title="Busyout", version=__version__, error=native.Problem)
    return replace(face, routes=(*face.routes, _telling(described)))


def _telling(described: dict[str, Any]) -> Route:
    body = encoded(described)

    async def tell(_request: Request[None, None]) -> Reply:
        return Reply(body=body)

    return Route(
        method="GET",
        path="/openapi.json",
        handler=tell,
        level=auth.PUBLIC,
        summary="This document",
        answers={200: dict[str, Any]},
    )
