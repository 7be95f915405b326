"""The audit trail: every write, in a chain of hashes that shows when an entry was changed, removed or renumbered."""

from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

GENESIS = "0" * 64
"""The hash before the first entry."""


class AuditRecord(Struct, frozen=True):
    """Who did what, when; not yet in the chain."""

    at: float
    actor: str
    face: str
    address: str
    action: str
    subject: str
    before: Any = None
    after: Any = None


class AuditEntry(Struct, frozen=True):
    """A record in its place in the chain."""

    id: int
    record: AuditRecord
    hash: str


def chain(previous: str, record: AuditRecord) -> str:
    """The hash of an entry that follows the entry of hash `previous`."""
    body = msgspec.json.encode(record, order="sorted")
    return sha256(previous.encode("ascii") + body).hexdigest()


def first_broken(entries: tuple[AuditEntry, ...], *, after: AuditEntry | None) -> AuditEntry | None:
    """The first entry whose number or hash does not follow the one before it; None when the chain holds.

    Numbers count from 1 without a gap, so that an entry's place says which it has. `after` is the entry before these;
    None where there is none.
    """
    number, previous = (0, GENESIS) if after is None else (after.id, after.hash)
    for entry in entries:
        number += 1
        if entry.id != number or chain(previous, entry.record) != entry.hash:
            return entry
        previous = entry.hash
    return None
