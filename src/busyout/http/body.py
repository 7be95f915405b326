"""JSON bodies: decoded strictly, by content and never by header."""

import json
from typing import Any

import msgspec

from busyout.http.faults import MalformedBody
from busyout.http.route import Route


def decoded(body: bytes, route: Route) -> object:
    """The value that a route's body stands for.

    Raises:
        MalformedBody: It is no JSON of that type, or names a member twice.
    """
    if not body.strip():
        if route.default is None:
            raise MalformedBody("a JSON body is required here")
        return route.default
    try:
        value: object = msgspec.json.decode(body, type=route.body)
        json.loads(body, object_pairs_hook=members)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedBody(_worded(error)) from error
    return value


def _worded(error: Exception) -> str:
    if isinstance(error, msgspec.DecodeError):
        return str(error)
    return "the body is not UTF-8" if isinstance(error, UnicodeError) else "the body is nested too deeply"


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of its pairs, for `json.loads`.

    Raises:
        MalformedBody: A member is there twice.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedBody("an object names the same member twice")
    return found
