"""What every face shares: routes as data, authentication, negotiation, strict bodies, refusals by table, OpenAPI.

Falcon stays behind this package. A face is a `Face`: its paths, its routes, and how it words a refusal.
`Application` makes one ASGI application of the faces that share a listener.
"""

from busyout.domain.mode import RequestClass
from busyout.domain.operator import Caller, Level
from busyout.http.application import Application
from busyout.http.authentication import Authenticator, Everybody
from busyout.http.body import check_members, has_more_values
from busyout.http.entrance import InEitherMode, Through
from busyout.http.faults import (
    BodyIncomplete,
    BodyTooLarge,
    ForeignHost,
    ForeignOrigin,
    MalformedBody,
    MalformedRequest,
    MethodNotAllowed,
    NoRoom,
    NoSuchResource,
    NotAcceptable,
    ServerFault,
    UnsupportedMediaType,
)
from busyout.http.hosts import at_loopback
from busyout.http.manners import SECURITY, Manners, Wording
from busyout.http.openapi import document
from busyout.http.presence import unless_gone
from busyout.http.route import Face, Handler, Reply, Request, Route, encoded
from busyout.http.services import Services
from busyout.http.stream import server_sent

__all__ = [
    "SECURITY",
    "Application",
    "Authenticator",
    "BodyIncomplete",
    "BodyTooLarge",
    "Caller",
    "Everybody",
    "Face",
    "ForeignHost",
    "ForeignOrigin",
    "Handler",
    "InEitherMode",
    "Level",
    "MalformedBody",
    "MalformedRequest",
    "Manners",
    "MethodNotAllowed",
    "NoRoom",
    "NoSuchResource",
    "NotAcceptable",
    "Reply",
    "Request",
    "RequestClass",
    "Route",
    "ServerFault",
    "Services",
    "Through",
    "UnsupportedMediaType",
    "Wording",
    "at_loopback",
    "check_members",
    "document",
    "encoded",
    "has_more_values",
    "server_sent",
    "unless_gone",
]
