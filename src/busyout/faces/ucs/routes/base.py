"""What the resources below one prefix have in common: how routes are made, and how they answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from busyout.faces.ucs.auth import Rights
from busyout.http import Caller, Handler, InEitherMode, Level, Reply, RequestClass, Route, Services, Through
from busyout.wire.ucs.messages import MEDIA_TYPE, encoded

DONE: Final = Reply(200)

GONE: Final = Reply(204)


@dataclass(frozen=True, slots=True)
class Base:
    """A prefix, the services behind it, and who may use them."""

    services: Services
    prefix: str
    """Empty, or such as `/genesys/1/cs`."""
    rights: Rights

    def read(
        self, path: str, handler: Handler, needs: tuple[str, ...], kind: RequestClass, *, query: type | None = None
    ) -> Route:
        """A resource that is read; `needs` are privileges."""
        permits = self.rights.needing(Level.MONITOR, *needs)
        return replace(self._route("GET", path, handler, permits, kind), query=query)

    def write(self, method: str, path: str, handler: Handler, needs: tuple[str, ...], kind: RequestClass) -> Route:
        """A resource that is written or set to work; its body is JSON, but for a DELETE."""
        permits = self.rights.needing(Level.ADMINISTRATOR, *needs)
        route = self._route(method, path, handler, permits, kind)
        return replace(route, body=None if method == "DELETE" else object)

    def adding(self, route: Route) -> Route:
        """A route that adds an extension, let in in production where the settings say so."""
        if not self.services.context_rules.schema_create_in_production:
            return route
        return replace(route, entrance=InEitherMode(self.services.gate))

    def created(self, path: str, body: object) -> Reply:
        """201 with the address of what is new."""
        return Reply(201, encoded(body), headers=(("Location", self.prefix + path),))

    def _route(
        self,
        method: str,
        path: str,
        handler: Handler,
        permits: Callable[[Caller], None],
        kind: RequestClass,
    ) -> Route:
        return Route(
            method=method,
            path=self.prefix + path,
            handler=handler,
            level=Level.MONITOR,
            permits=permits,
            entrance=Through(self.services.gate, kind),
            summary=(handler.__doc__ or "").strip(),
            answers={200: Any},
            produces=MEDIA_TYPE,
            negotiated=False,
        )
