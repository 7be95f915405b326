"""One ASGI application of the faces that share a listener.

Order of a request: host, for faces that are for some only (403), credentials (401), a face that serves nobody (503),
address (404), method (405), level (403), origin, the gate of the face and the entrance of the route (503), format
(406), parameters and body (400), handler.

Falcon finds the route, reads queries and media types, and writes events. Its own application is not used: it awaits a
body before anybody has judged the request, takes a broken upload for a whole one, words errors in its own way, and
costs a third more than what is here.
"""

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any, Final

from falcon.routing import CompiledRouter

from busyout.domain.errors import BusyoutError
from busyout.http.exchange import answered, welcome
from busyout.http.faults import MethodNotAllowed, NoSuchResource, ServerFault
from busyout.http.incoming import Incoming, Receive
from busyout.http.outgoing import Answer, Send, write
from busyout.http.refusal import refusal
from busyout.http.room import Room
from busyout.http.route import JSON, Face, Reply, Route

log = logging.getLogger(__name__)

NO_VARIABLES: Final[Mapping[str, str]] = {}

FOUND: Final = 1024
"""Paths with variables of which it is remembered what is there."""

LONGEST_FOUND: Final = 256
"""Longest of these, in characters."""


@dataclass(frozen=True, slots=True)
class Place:
    """What there is at one path."""

    face: Face
    routes: Mapping[str, Route]
    """By method."""
    allowed: tuple[str, ...]
    """Methods, for the Allow header."""


class Application:
    """The ASGI application."""

    def __init__(self, faces: Sequence[Face], room: Room | None = None) -> None:
        """`faces[0]` words the refusals of paths that no face owns. `room` is for bodies; None for the usual one."""
        self._faces = tuple(faces)
        self._room = room or Room()
        self._router = CompiledRouter()
        self._fixed: dict[str, Place] = {}
        """By paths without variables, which are found at once."""
        self._found = lru_cache(maxsize=FOUND)(self._looked_up)
        for face in self._faces:
            for path, place in _places(face).items():
                self._router.add_route(path, place)
                if "{" not in path:
                    self._fixed[path] = place

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        incoming = Incoming(scope, receive, self._room)
        last_resort = LastResort(incoming)
        answer: Answer | None = None
        with last_resort:
            answer = await self._served(incoming)
        if last_resort.fault is not None:
            answer = _refusing(self._owner(incoming.path) or self._faces[0], last_resort.fault, incoming)
        if answer is not None:
            if answer.observed is not None:
                answer.observed(answer.reply.status)
            await write(answer, incoming, send)

    async def _served(self, incoming: Incoming) -> Answer:
        place, path = self._find(incoming.path)
        if place is None:
            return await self._outside(incoming, NoSuchResource())
        if incoming.slashed and not place.face.manners.slash:
            return await self._outside(incoming, NoSuchResource())
        route = place.routes.get(incoming.method)
        if route is None:
            return await self._outside(incoming, MethodNotAllowed(place.allowed), place)
        reply = await answered(place.face, route, incoming, path)
        return Answer(reply, route.produces, place.face.manners.headers, place.face.observed)

    def _find(self, path: str) -> tuple[Place | None, Mapping[str, str]]:
        """What there is at a path, and its variable parts."""
        if (fixed := self._fixed.get(path)) is not None:
            return fixed, NO_VARIABLES
        return self._found(path) if len(path) <= LONGEST_FOUND else self._looked_up(path)

    def _looked_up(self, path: str) -> tuple[Place | None, Mapping[str, str]]:
        found = self._router.find(path)
        if found is None:
            return None, NO_VARIABLES
        assert isinstance(found[0], Place)
        return found[0], found[2]

    async def _outside(self, incoming: Incoming, error: BusyoutError, place: Place | None = None) -> Answer:
        """The answer where there is no route; those without credentials may learn only that they have none."""
        face = self._owner(incoming.path) if place is None else place.face
        if face is None:
            return _refusing(self._faces[0], error, incoming)
        if incoming.method == "OPTIONS" and face.manners.preflight:
            return Answer(Reply(200, media_type="text/html"), JSON, face.manners.headers)
        if incoming.method == "OPTIONS" and place is not None and face.answers_options:
            return Answer(Reply(204, headers=(("Allow", ", ".join(place.allowed)),)), JSON, face.manners.headers)
        try:
            if face.manners.hides:
                await welcome(face, incoming)
        except BusyoutError as unauthenticated:
            error = unauthenticated
        return _refusing(face, error, incoming)

    def _owner(self, path: str) -> Face | None:
        """The face that a path belongs to; None when it is nobody's."""
        for face in self._faces:
            if any(path == prefix or path.startswith(f"{prefix}/") for prefix in face.prefixes):
                return face
        return None


class LastResort:
    """Takes an error that nobody expected: the log gets all of it, the client a number to ask for."""

    __slots__ = ("_incoming", "fault")

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming
        self.fault: ServerFault | None = None
        """None when all went well."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Take what is an error; let pass what ends a task."""
        if not isinstance(error, Exception):
            return False
        self.fault = ServerFault(secrets.token_hex(4))
        log.error(
            "request_broke",
            exc_info=error,
            extra={
                "incident": self.fault.incident,
                "method": self._incoming.method,
                "path": self._incoming.path,
            },
        )
        return True


def _refusing(face: Face, error: BusyoutError, incoming: Incoming) -> Answer:
    """A refusal as an answer of that face."""
    return Answer(refusal(face, error, incoming.header("Accept")), JSON, face.manners.headers, face.observed)


def _places(face: Face) -> dict[str, Place]:
    """The paths of a face."""
    by_path: dict[str, dict[str, Route]] = {}
    for route in face.routes:
        by_path.setdefault(route.path, {})[route.method] = route
    for routes in by_path.values():
        if "GET" in routes:
            routes["HEAD"] = routes["GET"]
    more = ("OPTIONS",) if face.answers_options or face.manners.preflight else ()
    return {path: Place(face, routes, tuple(sorted((*routes, *more)))) for path, routes in by_path.items()}
