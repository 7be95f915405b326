"""What the services stand on, in one parcel."""

from dataclasses import dataclass
from pathlib import Path

from busyout.domain.monitor import MonitorBounds
from busyout.ports.clock import Clock
from busyout.ports.depot import Depot
from busyout.ports.driver import Drivers
from busyout.ports.exports import ExportFolder
from busyout.ports.imports import ImportFolder
from busyout.ports.modes import Slots
from busyout.ports.operations import DurableOperations
from busyout.ports.process import Process
from busyout.ports.repository import Repository
from busyout.ports.shelf import PackageShelf, Shelf, Trust
from busyout.server.kept import Kept
from busyout.services.context.rules import ContextRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What the provisioning stands on."""

    repository: Repository
    trust: Trust
    shelf: Shelf
    packages: PackageShelf
    depot: Depot
    plugin_server: str | None
    """URL of the repository, until somebody sets another one; None for none."""
    monitors: MonitorBounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the services stand on."""

    store: Kept
    drivers: Drivers
    durable: DurableOperations
    clock: Clock
    supply: Supply
    slots: Slots
    """Which servers share the store."""
    context: ContextRules
    exports: ExportFolder | None
    """Where services are exported to; None where nothing may be."""
    imports: ImportFolder | None
    """Where customers are imported from; None where nothing may be."""
    process: Process
    home: Path
    """Directory of the engines."""
    drain_warning: float
    """Seconds after which a drain without a deadline warns."""
    operations_kept: float
    """Seconds for which a settled operation can be looked up."""
    events_kept: int
    """Most events in the log."""
