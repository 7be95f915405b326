"""One ASGI application of the faces that share a listener, on Falcon.

Order of a request: credentials (401), address (404), method (405), level (403), origin, the face's gate (503),
format (406), parameters and body (400), handler.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import falcon
import falcon.asgi

from busyout.domain.errors import BusyoutError
from busyout.http.body import Receive, guarded
from busyout.http.exchange import Responder, answering, authenticated
from busyout.http.faults import MalformedRequest, MethodNotAllowed, NoSuchResource, ServerFault
from busyout.http.refusal import refuse, secure
from busyout.http.route import Face, Route

log = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Resource:
    """What Falcon finds at one path: a responder for every method there is."""

    def __init__(self, responders: Mapping[str, Responder], others: Responder) -> None:
        for method in falcon.COMBINED_METHODS:
            setattr(self, f"on_{method.lower()}", responders.get(method, others))


class Application:
    """The ASGI application."""

    def __init__(self, faces: Sequence[Face]) -> None:
        """`faces[0]` words the refusals of paths that no face owns."""
        self._faces = tuple(faces)
        self._falcon = falcon.asgi.App()
        self._falcon.resp_options.default_media_type = None  # type: ignore[assignment] # an empty body has no type
        self._falcon.req_options.strip_url_path_trailing_slash = True
        self._falcon.add_error_handler(Exception, self._confess)
        self._falcon.add_error_handler(falcon.HTTPError, self._refuse)
        for face in self._faces:
            self._mount(face)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        await self._falcon(scope, guarded(receive), send)

    def _mount(self, face: Face) -> None:
        by_path: dict[str, dict[str, Route]] = {}
        for route in face.routes:
            by_path.setdefault(route.path, {})[route.method] = route
        for path, routes in by_path.items():
            self._falcon.add_route(path, self._resource(face, routes))

    def _resource(self, face: Face, routes: Mapping[str, Route]) -> Resource:
        responders = {method: answering(face, route) for method, route in routes.items()}
        if "GET" in responders:
            responders["HEAD"] = responders["GET"]
        allowed = tuple(sorted({*responders, *(("OPTIONS",) if face.answers_options else ())}))
        if face.answers_options:
            responders["OPTIONS"] = _telling(allowed)
        return Resource(responders, self._refusing(MethodNotAllowed(allowed)))

    def _refusing(self, error: BusyoutError) -> Responder:
        async def answer(request: falcon.asgi.Request, response: falcon.asgi.Response, **_path: str) -> None:
            await self._refuse_known(request, response, error)

        return answer

    async def _refuse(
        self, request: falcon.asgi.Request, response: falcon.asgi.Response, error: falcon.HTTPError, _path: object
    ) -> None:
        """Word what Falcon refuses by itself: unknown addresses and headers it cannot read."""
        unknown = isinstance(error, falcon.HTTPNotFound)
        await self._refuse_known(request, response, NoSuchResource() if unknown else MalformedRequest())

    async def _refuse_known(
        self, request: falcon.asgi.Request, response: falcon.asgi.Response, error: BusyoutError
    ) -> None:
        """Refuse, but tell those without credentials only that they have none."""
        face = self._owner(request.path)
        try:
            if face is not None:
                await authenticated(request, face)
        except BusyoutError as unauthenticated:
            error = unauthenticated
        refuse(face or self._faces[0], error, response)

    async def _confess(
        self, request: falcon.asgi.Request, response: falcon.asgi.Response, error: Exception, _path: object
    ) -> None:
        """Answer for an error that nobody expected; only the log tells what it was."""
        incident = secrets.token_hex(4)
        log.error(
            "request_broke",
            exc_info=error,
            extra={"incident": incident, "method": request.method, "path": request.path},
        )
        refuse(self._owner(request.path) or self._faces[0], ServerFault(incident), response)

    def _owner(self, path: str) -> Face | None:
        """The face that a path belongs to; None when it is nobody's."""
        for face in self._faces:
            if any(path == prefix or path.startswith(f"{prefix}/") for prefix in face.prefixes):
                return face
        return None


def _telling(allowed: tuple[str, ...]) -> Responder:
    """A responder to OPTIONS."""

    async def answer(_request: falcon.asgi.Request, response: falcon.asgi.Response, **_path: str) -> None:
        response.status = 204
        response.set_header("Allow", ", ".join(allowed))
        secure(response)

    return answer
