"""What the resources below one prefix have in common: how routes are made, and how they answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from busyout.faces.provd import auth
from busyout.faces.provd.ready import Ready
from busyout.faces.provd.translate import documents
from busyout.http import Handler, NoSuchResource, Reply, Request, Route, Services
from busyout.wire.provd.media import PROVD
from busyout.wire.provd.messages import encoded

S = TypeVar("S")

XIVO: Final = "/provd"

WAZO: Final = "/0.2"
"""The prefix tells the dialect: Wazo has this one since 19.08, and a provisioning key for each tenant since 23.15."""

TENANT: Final = "Wazo-Tenant"

EMPTY = Reply(204, media_type=PROVD)
"""Done; the document gives even that a type."""

GONE = Reply(204)
"""Deleted; the document gives that none."""


@dataclass(frozen=True, slots=True)
class Base:
    """A prefix, the services behind it, and the bodies that are made already."""

    services: Services
    prefix: str
    """Such as `/provd`."""
    ready: Ready

    def get(self, path: str, handler: Handler, summary: str, *, within: "Known | None" = None) -> Route:
        """A resource that is read."""
        return Route(
            method="GET",
            path=self.prefix + path,
            handler=handler,
            level=auth.READING,
            summary=summary,
            answers={200: Any},
            produces=PROVD,
            known=within,
        )

    def ask(self, path: str, handler: Handler, summary: str, query: type) -> Route:
        """A list that is queried."""
        return replace(self.get(path, handler, summary), query=query)

    def act(self, method: str, path: str, handler: Handler, summary: str, *, within: "Known | None" = None) -> Route:
        """A resource that is written or set to work; its body is JSON, but for a DELETE."""
        return Route(
            method=method,
            path=self.prefix + path,
            handler=handler,
            level=auth.ACTING,
            summary=summary,
            answers={204: None},
            produces=PROVD,
            negotiated=False,
            body=None if method == "DELETE" else object,
            known=within,
        )

    def kept(self, name: str, source: S, make: Callable[[S], object], request: Request[Any, Any]) -> Reply:
        """A body that is made only when its source has changed."""
        return self.ready.reply(
            f"{self.prefix} {name}",
            source,
            lambda changed: encoded(make(changed)),
            none_match=request.header("If-None-Match"),
        )

    def created(self, collection: str, name: object, body: object = None) -> Reply:
        """201 with the address of what is new: a path with one segment before the collection."""
        headers = (("Location", f"{self.prefix}/{collection}/{name}"),)
        return Reply(201, b"" if body is None else encoded(body), PROVD, headers)

    def tenant(self, request: Request[Any, Any]) -> str | None:
        """Whose provisioning key a request means; None in the dialect that knows no such keys."""
        return tenant_of(request) if self.prefix == WAZO else None

    def in_place(self, path: Mapping[str, str]) -> None:
        """Let pass the address of a plug-in that is in place.

        Raises:
            NoSuchResource: It is not.
        """
        if path["plugin"] not in self.services.plugins.plugins():
            raise NoSuchResource


def tenant_of(request: Request[Any, Any]) -> str:
    """The tenant that a request is about."""
    return documents.tenant_of(request.caller, request.header(TENANT))


Known = Callable[[Mapping[str, str]], None]
"""Raises a refusal where an address names nothing."""
