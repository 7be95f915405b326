"""One request on one route: who asks, what for, and the answer."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from busyout.domain.errors import BusyoutError
from busyout.domain.operator import Caller, Level, require
from busyout.http.body import decoded
from busyout.http.faults import ForeignOrigin, MalformedRequest, NoSuchResource, NotAcceptable, UnsupportedMediaType
from busyout.http.incoming import Incoming
from busyout.http.refusal import refusal
from busyout.http.route import BODY_LIMIT, Face, Reply, Request, Route

SAFE: Final = frozenset({"GET", "HEAD"})


async def answered(face: Face, route: Route, incoming: Incoming, path: Mapping[str, str]) -> Reply:
    """What a route answers, or why it refuses to."""
    try:
        if face.addressed is not None and route.level is not None:
            face.addressed(incoming.header("Host"))
        if route.known is not None:
            route.known(printable(path))
        caller = asking(face, route, incoming) or await authenticated(face, incoming)
        admit(face, route, incoming, caller)
        query = None if route.query is None else queried(incoming, route.query)
        body = None if route.body is None else await received(face, route, incoming)
        request = Request(caller, printable(path), query, body, incoming.header, incoming.wait_gone)
        if route.entrance is None:
            return await route.handler(request)
        with route.entrance.enter():
            return await route.handler(request)
    except BusyoutError as error:
        return refusal(face, error, incoming.header("Accept"))


async def received(face: Face, route: Route, incoming: Incoming) -> object:
    """The value of the body.

    Raises:
        UnsupportedMediaType: Its Content-Type is not read here.
        MalformedBody: It stands for no value.
    """
    manners = face.manners
    if manners.takes is not None and not manners.takes(incoming.header("Content-Type")):
        raise UnsupportedMediaType(f"a body is {route.produces} here")
    body = await incoming.body(BODY_LIMIT)
    return decoded(body, route) if manners.decode is None else manners.decode(body)


def asking(face: Face, route: Route, incoming: Incoming) -> Caller | None:
    """Who is asking, where that is known at once; nobody, on a route without a level."""
    if route.level is None:
        return Caller("", Level.MONITOR, face.name, incoming.address)
    return face.operators.known(incoming.header(face.manners.credentials), face=face.name, address=incoming.address)


async def authenticated(face: Face, incoming: Incoming) -> Caller:
    """Who is asking.

    Raises:
        NotAuthenticated: The credentials are missing or not valid.
    """
    header = incoming.header(face.manners.credentials)
    return await face.operators.authenticate(header, face=face.name, address=incoming.address)


async def welcome(face: Face, incoming: Incoming) -> None:
    """Let a caller pass who is known, where the face serves anybody.

    Raises:
        NotAuthenticated: The credentials are missing or not valid.
        Refusal: The face serves nobody now.
    """
    await authenticated(face, incoming)
    if face.closed is not None:
        face.closed(incoming.path)


def admit(face: Face, route: Route, incoming: Incoming, caller: Caller) -> None:
    """Let a request pass that may be served.

    Raises:
        Refusal: It may not.
    """
    if route.level is not None:
        if face.closed is not None:
            face.closed(incoming.path)
        require(caller, route.level)
        if route.permits is not None:
            route.permits(caller)
    if incoming.method not in SAFE and face.manners.ambient:
        same_origin(incoming)
    if face.gate is not None:
        face.gate()
    if route.entrance is not None:
        route.entrance.check()
    if route.negotiated and not face.manners.accepts(incoming.header("Accept"), route.produces):
        raise NotAcceptable(f"this resource is available as {route.produces} only")


def queried(incoming: Incoming, kind: type[msgspec.Struct] | type[dict[str, str]]) -> object:
    """The query string as a value of that type; parameters that a struct does not know are left aside.

    Raises:
        MalformedRequest: A parameter is given twice or is not of its type.
    """
    names = parameters_of(kind)
    known = {name: value for name, value in incoming.parameters().items() if names is None or name in names}
    if not all(isinstance(value, str) and value.isprintable() for value in known.values()):
        raise MalformedRequest("a parameter is given twice or is not printable")
    try:
        return msgspec.convert(known, kind, strict=False)
    except msgspec.ValidationError as error:
        raise MalformedRequest(f"a parameter is wrong: {error}") from error


@lru_cache(maxsize=256)
def parameters_of(kind: type[Any]) -> frozenset[str] | None:
    """Names of the parameters that a type takes, as they are in a query; None for whatever there is."""
    return None if kind is dict else frozenset(field.encode_name for field in msgspec.structs.fields(kind))


def printable(path: Mapping[str, str]) -> Mapping[str, str]:
    """The variable parts of an address.

    Raises:
        NoSuchResource: One has characters that no name has.
    """
    for value in path.values():
        if not value.isprintable():
            raise NoSuchResource
    return path


def same_origin(incoming: Incoming) -> None:
    """Let pass what no web page of another site has sent, for browsers add credentials to that unasked.

    Raises:
        ForeignOrigin: A page of another site has sent it.
    """
    origin = incoming.header("Origin")
    if origin is None:
        return
    host = _host(origin)
    if host is None or host != incoming.header("Host"):
        raise ForeignOrigin


def _host(origin: str) -> str | None:
    """Host and port of an origin; None where that is no URL."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None
