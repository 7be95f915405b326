"""One request on one route: who asks, what for, and the answer."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

import falcon.asgi
import msgspec

from busyout.domain.errors import BusyoutError, NotPermitted
from busyout.domain.operator import Caller, Level
from busyout.http.accept import acceptable
from busyout.http.body import decoded, read_whole
from busyout.http.faults import ForeignOrigin, MalformedRequest, NoSuchResource, NotAcceptable
from busyout.http.refusal import refuse, secure
from busyout.http.route import BODY_LIMIT, Face, Reply, Request, Route

Responder = Callable[..., Awaitable[None]]

SAFE: Final = frozenset({"GET", "HEAD"})


async def authenticated(request: falcon.asgi.Request, face: Face) -> Caller:
    """Who is asking.

    Raises:
        NotAuthenticated: The credentials are missing or not valid.
    """
    header = request.get_header("Authorization")
    return await face.operators.authenticate(header, face=face.name, address=address_of(request))


def address_of(request: falcon.asgi.Request) -> str:
    """Address of the other end of the connection; what headers claim is not believed."""
    client = request.scope.get("client")
    return client[0] if client else ""


def answering(face: Face, route: Route) -> Responder:
    """The responder of a route."""
    name, level, handler, produces, gate = face.name, route.level, route.handler, route.produces, face.gate
    known = face.operators.known

    async def answer(request: falcon.asgi.Request, response: falcon.asgi.Response, **path: str) -> None:
        try:
            if level is None:
                caller = Caller("", Level.MONITOR, name, address_of(request))
            else:
                caller = known(
                    request.get_header("Authorization"), face=name, address=address_of(request)
                ) or await authenticated(request, face)
                if caller.level < level:
                    raise NotPermitted(f"that needs level {level.word}; {caller.name} has {caller.level.word}")
            if request.method not in SAFE:
                same_origin(request)
            if gate is not None:
                gate()
            if not acceptable(request.get_header("Accept"), produces):
                raise NotAcceptable(f"this resource is available as {produces} only")
            query = None if route.query is None else queried(request, route.query)
            body = None if route.body is None else decoded(await read_whole(request, BODY_LIMIT), route)
            reply = await handler(Request(caller, printable(path) if path else path, query, body, request.get_header))
        except BusyoutError as error:
            refuse(face, error, response)
        else:
            put(reply, route, response)

    return answer


def put(reply: Reply, route: Route, response: falcon.asgi.Response) -> None:
    """Write a reply."""
    response.status = reply.status
    if reply.body:
        response.data = reply.body
        response.content_type = reply.media_type or route.produces
    elif reply.events is not None:
        response.sse = reply.events
        response.content_type = route.produces
    secure(response)
    for name, value in reply.headers:
        response.set_header(name, value)


def queried(request: falcon.asgi.Request, kind: type[msgspec.Struct]) -> object:
    """The query string as a value of that type; parameters it does not know are left aside.

    Raises:
        MalformedRequest: A parameter is given twice or is not of its type.
    """
    known = {name: value for name, value in request.params.items() if name in kind.__struct_fields__}
    if not all(isinstance(value, str) and value.isprintable() for value in known.values()):
        raise MalformedRequest("a parameter is given twice or is not printable")
    try:
        return msgspec.convert(known, kind, strict=False)
    except msgspec.ValidationError as error:
        raise MalformedRequest(f"a parameter is wrong: {error}") from error


def printable(path: Mapping[str, str]) -> Mapping[str, str]:
    """The variable parts of an address.

    Raises:
        NoSuchResource: One has characters that no name has.
    """
    if not all(value.isprintable() for value in path.values()):
        raise NoSuchResource
    return path


def same_origin(request: falcon.asgi.Request) -> None:
    """Let pass what no web page of another site has sent, for browsers add credentials to that unasked.

    Raises:
        ForeignOrigin: A page of another site has sent it.
    """
    origin = request.get_header("Origin")
    if origin is not None and urlsplit(origin).netloc != request.get_header("Host"):
        raise ForeignOrigin
