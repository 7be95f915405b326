"""Monitors: numbers by which those who asked for an operation follow it, long after it has settled but not for ever."""

from msgspec import Struct


class Monitor(Struct, frozen=True):
    """A number in a collection that stands for an operation. Numbers count from 1 and are never given twice."""

    collection: str
    """Path of the collection, such as `pg_mgr/install/install`."""
    number: int
    operation: str
    """Id of the operation."""
    tenant: str
    """The only tenant whose callers see it; empty where only those do who are bound to none."""

    def seen_by(self, tenant: str) -> bool:
        """Whether callers see it who are bound to that tenant; empty for those who are bound to none."""
        return tenant in ("", self.tenant)


class MonitorBounds(Struct, frozen=True):
    """How long monitors are kept that nobody deletes."""

    grace: float
    """Seconds after the end of its operation for which a monitor can be read."""
    kept: int
    """Most monitors of settled operations, and most of unsettled ones; the oldest go first."""
