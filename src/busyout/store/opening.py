"""Opening the store: brings the schema up to date, then offers every port."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from busyout.domain.errors import InvalidValue
from busyout.store.database import Database
from busyout.store.migration import upgrade_postgresql, upgrade_sqlite
from busyout.store.postgresql import PostgresDatabase
from busyout.store.seal import Seal
from busyout.store.sqlite import SqliteDatabase
from busyout.store.tables.alarms import AlarmTable
from busyout.store.tables.audit import AuditTable
from busyout.store.tables.configuration import ConfigurationTable
from busyout.store.tables.context.courses import CourseTable
from busyout.store.tables.context.customers import CustomerTable
from busyout.store.tables.context.intake import IntakeTable
from busyout.store.tables.context.interactions import InteractionTable
from busyout.store.tables.context.keys import KeyTable
from busyout.store.tables.context.purge import PurgeTable
from busyout.store.tables.context.remains import RemainsTable
from busyout.store.tables.context.schemas import SchemaTable
from busyout.store.tables.devices import DeviceTable
from busyout.store.tables.elements import ElementTable
from busyout.store.tables.events import EventTable
from busyout.store.tables.modes import ModeTable
from busyout.store.tables.monitors import MonitorTable
from busyout.store.tables.operations import OperationTable
from busyout.store.tables.operators import OperatorTable
from busyout.store.tables.parameters import ParameterTable
from busyout.store.tables.profiles import ProfileTable
from busyout.store.unlocking import unlock_postgresql, unlock_sqlite

SQLITE = "sqlite:///"
POSTGRESQL = ("postgresql://", "postgres://")


class Store:
    """Every port of `ports.store` and of `ports.directory`, on one database."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self.operations = OperationTable(database)
        """Implements `OperationJournal` and `OperationCatalogue`."""
        self.elements = ElementTable(database)
        self.configuration = ConfigurationTable(database)
        self.events = EventTable(database)
        self.alarms = AlarmTable(database)
        self.audit = AuditTable(database, seal)
        self.operators = OperatorTable(database)
        self.parameters = ParameterTable(database, seal)
        self.monitors = MonitorTable(database)
        self.devices = DeviceTable(database, seal)
        """Implements `DeviceRegister` and `DeviceIndex`."""
        self.profiles = ProfileTable(database, seal)
        """Implements `ProfileRegister` and `ProfileIndex`."""
        self._open_context(database, seal)
        self._database = database

    def _open_context(self, database: Database, seal: Seal) -> None:
        """What is about the context of customers."""
        self.modes = ModeTable(database)
        """Implements `ModeRegister`."""
        self.context_schemas = SchemaTable(database)
        """Implements `SchemaRegister` and `ExtensionRemoval`."""
        self.context_keys = KeyTable(database, seal)
        """Implements `KeyBuilding`."""
        self.context_purge = PurgeTable(database)
        """Implements `ServicePurge`."""
        self.context_remains = RemainsTable(database)
        """Implements `Remains`."""
        self.customers = CustomerTable(database, seal)
        """Implements `CustomerRegister` and `CustomerIndex`."""
        self.intake = IntakeTable(database, seal)
        """Implements `CustomerIntake`."""
        self.courses = CourseTable(database, seal)
        """Implements `CourseRegister` and `CourseIndex`."""
        self.interactions = InteractionTable(database)
        """Implements `InteractionLog`."""

    async def close(self) -> None:
        """Finish what was begun, then let go of the database. Idempotent."""
        await self._database.close()


def open_store(url: str, key_file: Path) -> Store:
    """Open `sqlite:///PATH` or `postgresql://…` and bring its schema up to date; blocks for a fraction of a second.

    `key_file` holds the sealing keys; it is made where there is none and nothing is sealed yet. What an older server
    left in the clear is sealed first, which takes a minute for a million values.

    Raises:
        InvalidValue: The URL is of neither form.
        SealBroken: The store is sealed with a key that `key_file` does not have; the message names it.
        StoreUnavailable: The database cannot be opened, or a newer version of the server wrote it.
    """
    upgrade, unlock, opened = _ways(url)
    upgrade()
    seal = unlock(key_file)
    return Store(opened(), seal)


def open_database(url: str) -> Database:
    """The database behind a URL, with the current schema, its sealed values as they are; raises as `open_store`."""
    upgrade, _, opened = _ways(url)
    upgrade()
    return opened()


def unlock(url: str, key_file: Path) -> Seal:
    """The seal of a database that has the current schema; raises as `open_store`."""
    return _ways(url)[1](key_file)


def _ways(url: str) -> tuple[Callable[[], None], Callable[[Path], Seal], Callable[[], Database]]:
    """How the database behind a URL is brought up to date, unlocked, and opened."""
    if url.startswith(SQLITE) and len(url) > len(SQLITE):
        path = Path(url.removeprefix(SQLITE))
        return partial(upgrade_sqlite, path), partial(unlock_sqlite, path), partial(SqliteDatabase, path)
    if url.startswith(POSTGRESQL):
        return partial(upgrade_postgresql, url), partial(unlock_postgresql, url), partial(PostgresDatabase, url)
    raise InvalidValue("the store's URL is sqlite:///PATH or postgresql://…")
