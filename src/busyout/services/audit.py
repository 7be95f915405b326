"""The audit trail: every write, by whom, verified from end to end."""

from typing import Any, Final

import msgspec

from busyout.domain.audit import AuditEntry, AuditRecord, first_broken
from busyout.domain.document import Document
from busyout.domain.operator import Caller
from busyout.ports.clock import Clock
from busyout.ports.store import AuditTrail

PAGE: Final = 1000
"""Entries verified at once."""

PLAIN: Final = ("mac", "ip", "plugin", "config", "parent_ids")
"""Members of documents that the trail keeps as they are."""


class Audit:
    """Writes and verifies the trail."""

    def __init__(self, trail: AuditTrail, clock: Clock) -> None:
        self._trail = trail
        self._clock = clock

    def entry(
        self, caller: Caller, action: str, subject: str, *, before: object = None, after: object = None
    ) -> AuditRecord:
        """A record of what a caller does now, to be written in the same unit of work."""
        return AuditRecord(
            at=self._clock.now(),
            actor=caller.name,
            face=caller.face,
            address=caller.address,
            action=action,
            subject=subject,
            before=before,
            after=after,
        )

    def document(self, document: Document | None) -> dict[str, Any] | None:
        """What the trail keeps of a document, which may hold passwords: its addresses, and a fingerprint of it all."""
        if document is None:
            return None
        kept: dict[str, Any] = {name: document[name] for name in PLAIN if name in document}
        return {**kept, "digest": self._trail.fingerprint(msgspec.json.encode(document, order="sorted"))}

    async def record(
        self, caller: Caller, action: str, subject: str, *, before: object = None, after: object = None
    ) -> AuditEntry:
        """Write what a caller does now."""
        return await self._trail.append(self.entry(caller, action, subject, before=before, after=after))

    async def since(self, after: int, *, limit: int) -> tuple[AuditEntry, ...]:
        """Entries with an id above `after`, in order."""
        return await self._trail.since(after, limit=limit)

    async def verify(self) -> tuple[int, AuditEntry | None]:
        """How many entries hold, and the first that does not; None when all do."""
        newest, noted = await self._trail.head()
        last: AuditEntry | None = None
        while page := await self._trail.since(0 if last is None else last.id, limit=PAGE):
            broken = first_broken(page, after=last) or _unlike(page, newest, noted)
            if broken is not None:
                return (0 if last is None else last.id) + page.index(broken), broken
            last = page[-1]
        held = 0 if last is None else last.id
        return held, _missing(held + 1, noted) if held < newest else None


def _unlike(entries: tuple[AuditEntry, ...], newest: int, noted: str) -> AuditEntry | None:
    """The entry that was the newest, when its hash is not the one that was noted then."""
    return next((entry for entry in entries if entry.id == newest and entry.hash != noted), None)


def _missing(number: int, digest: str) -> AuditEntry:
    """Stands for an entry that was written and has been taken from the end."""
    return AuditEntry(number, AuditRecord(at=0.0, actor="", face="", address="", action="missing", subject=""), digest)
