"""Opening the store: brings the schema up to date, then offers every port."""

from pathlib import Path

from busyout.domain.errors import InvalidValue
from busyout.store.database import Database
from busyout.store.migration import upgrade_postgresql, upgrade_sqlite
from busyout.store.postgresql import PostgresDatabase
from busyout.store.sqlite import SqliteDatabase
from busyout.store.tables.alarms import AlarmTable
from busyout.store.tables.audit import AuditTable
from busyout.store.tables.configuration import ConfigurationTable
from busyout.store.tables.devices import DeviceTable
from busyout.store.tables.elements import ElementTable
from busyout.store.tables.events import EventTable
from busyout.store.tables.monitors import MonitorTable
from busyout.store.tables.operations import OperationTable
from busyout.store.tables.operators import OperatorTable
from busyout.store.tables.parameters import ParameterTable
from busyout.store.tables.profiles import ProfileTable

SQLITE = "sqlite:///"
POSTGRESQL = ("postgresql://", "postgres://")


class Store:
    """Every port of `ports.store` and of `ports.directory`, on one database."""

    def __init__(self, database: Database) -> None:
        self.operations = OperationTable(database)
        """Implements `OperationJournal` and `OperationCatalogue`."""
        self.elements = ElementTable(database)
        self.configuration = ConfigurationTable(database)
        self.events = EventTable(database)
        self.alarms = AlarmTable(database)
        self.audit = AuditTable(database)
        self.operators = OperatorTable(database)
        self.parameters = ParameterTable(database)
        self.monitors = MonitorTable(database)
        self.devices = DeviceTable(database)
        """Implements `DeviceRegister` and `DeviceIndex`."""
        self.profiles = ProfileTable(database)
        """Implements `ProfileRegister` and `ProfileIndex`."""
        self._database = database

    async def close(self) -> None:
        """Finish what was begun, then let go of the database. Idempotent."""
        await self._database.close()


def open_store(url: str) -> Store:
    """Open `sqlite:///PATH` or `postgresql://…` and bring its schema up to date; blocks for a fraction of a second.

    Raises:
        InvalidValue: The URL is of neither form.
        StoreUnavailable: The database cannot be opened, or a newer version of the server wrote it.
    """
    return Store(open_database(url))


def open_database(url: str) -> Database:
    """The database behind a URL, with the current schema; raises what `open_store` raises."""
    if url.startswith(SQLITE) and len(url) > len(SQLITE):
        path = Path(url.removeprefix(SQLITE))
        upgrade_sqlite(path)
        return SqliteDatabase(path)
    if url.startswith(POSTGRESQL):
        upgrade_postgresql(url)
        return PostgresDatabase(url)
    raise InvalidValue("the store's URL is sqlite:///PATH or postgresql://…")
