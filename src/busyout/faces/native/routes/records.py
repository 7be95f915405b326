"""Alarms, the audit trail, and events as they happen."""

from falcon.asgi import SSEvent
from msgspec import Struct

from busyout.faces.native import auth, errors, translate
from busyout.faces.native.routes.paging import Numbered, Position, page
from busyout.http import Reply, Request, Route, Services, encoded, server_sent
from busyout.wire import native


class After(Struct, frozen=True):
    """Where to begin."""

    after: Position | None = None


class Records:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def alarms(self, request: Request[None, Numbered]) -> Reply:
        """Active alarms by id."""
        asked = request.query
        alarms = await self._services.alarms.active(after=asked.after, limit=asked.limit)
        found = [translate.alarm(alarm) for alarm in alarms]
        return Reply(body=encoded(page(found, limit=asked.limit, key=lambda alarm: alarm.id)))

    async def audit(self, request: Request[None, Numbered]) -> Reply:
        """The audit trail in order."""
        asked = request.query
        entries = await self._services.audit.since(asked.after, limit=asked.limit)
        found = [translate.audit_entry(entry) for entry in entries]
        return Reply(body=encoded(page(found, limit=asked.limit, key=lambda entry: entry.id)))

    async def verification(self, _request: Request[None, None]) -> Reply:
        """Whether the audit trail is whole."""
        held, broken = await self._services.audit.verify()
        return Reply(body=encoded(translate.verdict(held, broken)))

    async def events(self, request: Request[None, After]) -> Reply:
        """Events as they happen, after those that were missed."""
        after = translate.last_event(request.header("Last-Event-ID"), request.query.after)
        source = self._services.events.stream(request.caller.name, after=after)
        return Reply(events=server_sent(source, lambda event: sent(translate.event(event)), self._services.clock.sleep))


def sent(event: native.Event) -> SSEvent:
    """A server-sent event; progress has no id, so that a reader that comes back asks for what is stored."""
    return SSEvent(data=encoded(event), event=event.type, event_id=str(event.id) if event.id else None)


def routes(services: Services) -> tuple[Route, ...]:
    """The routes."""
    handlers = Records(services)
    return (
        Route(
            method="GET",
            path="/v1/alarms",
            handler=handlers.alarms,
            level=auth.READING,
            summary="Active alarms",
            answers={200: native.Page[native.Alarm]},
            query=Numbered,
            refuses=errors.OF_STORE,
        ),
        Route(
            method="GET",
            path="/v1/audit",
            handler=handlers.audit,
            level=auth.AUDITING,
            summary="Who did what, in order",
            answers={200: native.Page[native.AuditEntry]},
            query=Numbered,
            refuses=errors.OF_STORE,
        ),
        Route(
            method="GET",
            path="/v1/audit/verification",
            handler=handlers.verification,
            level=auth.AUDITING,
            summary="Whether the audit trail is whole",
            answers={200: native.AuditVerdict},
            refuses=errors.OF_STORE,
        ),
        Route(
            method="GET",
            path="/v1/events",
            handler=handlers.events,
            level=auth.READING,
            summary="Events as they happen",
            answers={200: native.Event},
            produces="text/event-stream",
            query=After,
            headers=("Last-Event-ID",),
            refuses=errors.OF_EVENTS,
        ),
    )
