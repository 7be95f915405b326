"""Purge and export of services (8.5, pages "Purge Services" and "Export Services File"). Maintenance is only a path."""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from busyout.faces.ucs.routes.base import DONE, Base
from busyout.faces.ucs.translate import asked, upkeep
from busyout.faces.ucs.translate.telling import told
from busyout.http import Reply, Request, RequestClass, Route
from busyout.wire.ucs import privileges as may
from busyout.wire.ucs.messages import Files, encoded


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The handlers."""

    base: Base

    async def purge(self, request: Request[object, None]) -> Reply:
        """Forget services that are older than a moment."""
        limit, which = upkeep.purge_of(asked.document_of(request.body))
        await self.base.services.purging.purge(request.caller, limit, which)
        return DONE

    async def export(self, request: Request[object, None]) -> Reply:
        """Write services, states and tasks to files on the server."""
        document = asked.document_of(request.body)
        wanted, notation = upkeep.export_of(document), upkeep.notation_of(document)
        names = await self.base.services.exporting.export_files(request.caller, wanted, notation)
        return Reply(body=encoded(Files(names)))

    async def stream(self, request: Request[None, upkeep.Asked]) -> Reply:
        """Services with their states and tasks."""
        wanted = upkeep.export_of(msgspec.structs.asdict(request.query))
        found = await self.base.services.exporting.exported(wanted)
        return Reply(body=encoded([told(one, alone=True) for one in found]))


def routes(base: Base) -> Iterator[Route]:
    """Purge and export."""
    service, kind = Upkeep(base), RequestClass.DATA
    yield base.write("POST", "/maintenance/purge", service.purge, (may.DELETE_SERVICE,), kind)
    yield base.write("POST", "/maintenance/services/files", service.export, (may.READ_SERVICE,), kind)
    yield base.read("/maintenance/services/stream", service.stream, (may.READ_SERVICE,), kind, query=upkeep.Asked)
