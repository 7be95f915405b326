"""JSON bodies: decoded strictly, by content and never by header."""

import json
import re
from itertools import islice
from typing import Any, Final

import msgspec

from busyout.http.faults import MalformedBody
from busyout.http.route import Route

VALUE: Final = re.compile(rb'(?:[^"{\[,]++|"(?:[^"\\]++|\\.)*+"?)*+(?:[{\[,]|\Z)', re.DOTALL)
"""What begins with each value but the first: an opening or a comma, and whatever stands before it, texts as a whole."""


def has_more_values(body: bytes, most: int) -> bool:
    """Whether a body that is not decoded yet has more values than that, roughly: small ones take many times their size.

    Texts are looked into only where there might be as many.
    """
    if sum(map(body.count, (b"{", b"[", b","))) <= most:
        return False
    return any(True for _ in islice(VALUE.finditer(body), most + 1, None))


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
        check_members(body, value)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedBody(_worded(error)) from error
    return value


def _worded(error: Exception) -> str:
    if isinstance(error, msgspec.DecodeError):
        return str(error)
    return "the body is not UTF-8" if isinstance(error, UnicodeError) else "the body is nested too deeply"


def check_members(body: bytes, value: object) -> None:
    """Let a body pass in which no object names a member twice; `value` is what it was decoded to.

    Each member has a colon. Where there are as many colons as members that are left, none was lost, and the body need
    not be read a second time; texts may have colons too, and then it is.

    Raises:
        MalformedBody: A member is there twice.
    """
    if body.count(b":") != _count(value):
        json.loads(body, object_pairs_hook=_members)


def _count(value: object) -> int:
    """Members of all objects in a value; -1 where it is of a type of ours, whose members are not counted."""
    if isinstance(value, dict):
        inner = (one for one in value.values() if isinstance(one, dict | list))
        return len(value) + sum(_count(one) for one in inner)
    if isinstance(value, list):
        return sum(_count(one) for one in value if isinstance(one, dict | list))
    return -1


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of its pairs, for `json.loads`.

    Raises:
        MalformedBody: A member is there twice.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedBody("an object names the same member twice")
    return found
