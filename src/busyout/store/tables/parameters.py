"""Parameters that somebody has set, and the provisioning keys of tenants."""

from typing import Final

from msgspec.json import Decoder
from sqlalchemy import bindparam, delete, select

from busyout.domain.audit import AuditRecord
from busyout.domain.errors import InvalidValue
from busyout.domain.event import Event
from busyout.domain.parameter import KEY_TAKEN, MAX_KEYS, PROVISIONING_KEY, Value
from busyout.store.appending import append_audit, append_events
from busyout.store.content import encode
from busyout.store.database import Connection, Database
from busyout.store.schema import parameters
from busyout.store.schema_sealing import place
from busyout.store.seal import Seal
from busyout.store.statement import Statement, insert_or_replace

KEYS: Final = f"{PROVISIONING_KEY.id}/"
"""How the ids of provisioning keys begin; the tenant follows."""

_IS_KEY = parameters.c.id.startswith(KEYS, autoescape=True)
_PLAIN = Statement(select(parameters).where(~_IS_KEY))
_KEYS = Statement(select(parameters).where(_IS_KEY))
_PUT = insert_or_replace(parameters, "id")
_DELETE = Statement(delete(parameters).where(parameters.c.id == bindparam("id")))

_VALUE: Decoder[Value] = Decoder(Value)


class ParameterTable:
    """Implements `ParameterList`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal
        self._opened: dict[str, tuple[str, str]] = {}
        """Keys as they were read last, by tenant: sealed and open. There may be many, and they are read often."""

    async def all(self) -> dict[str, Value]:
        """The values that were set, by id."""
        rows = await self._database.read(lambda connection: connection.all(_PLAIN))
        return {id: self._open(id, sealed) for id, sealed in rows}

    async def put(self, id: str, value: Value, *, audit: AuditRecord, event: Event) -> Event:
        """Keep a value; returns the stored event."""

        def unit(connection: Connection) -> Event:
            self._write(connection, id, value)
            append_audit(connection, audit)
            (stored,) = append_events(connection, (event,))
            return stored

        return await self._database.run(unit)

    async def keys(self) -> dict[str, str]:
        """The provisioning keys, by tenant."""
        return await self._database.read(self._keys)

    async def put_key(self, tenant: str, key: str | None, *, audit: AuditRecord, event: Event) -> Event:
        """Keep or forget the provisioning key of a tenant; returns the stored event."""

        def unit(connection: Connection) -> Event:
            append_audit(connection, audit)  # first: until the commit no other server gets past this
            if key is None:
                connection.change(_DELETE, id=KEYS + tenant)
            else:
                _check(self._keys(connection), tenant, key)
                self._write(connection, KEYS + tenant, key)
            (stored,) = append_events(connection, (event,))
            return stored

        return await self._database.run(unit)

    def _keys(self, connection: Connection) -> dict[str, str]:
        known, opened = self._opened, {}
        for id, sealed in connection.all(_KEYS):
            tenant = id.removeprefix(KEYS)
            same = tenant in known and known[tenant][0] == sealed
            opened[tenant] = known[tenant] if same else (sealed, str(self._open(id, sealed)))
        self._opened = opened
        return {tenant: key for tenant, (_, key) in opened.items()}

    def _open(self, id: str, sealed: str) -> Value:
        return _VALUE.decode(self._seal.open(sealed, place(parameters.c.value, id)))

    def _write(self, connection: Connection, id: str, value: Value) -> None:
        sealed = self._seal.seal(encode(value), place(parameters.c.value, id))
        connection.change(_PUT, id=id, value=sealed)


def _check(keys: dict[str, str], tenant: str, key: str) -> None:
    others = {other: known for other, known in keys.items() if other != tenant}
    if key in others.values():
        raise InvalidValue(KEY_TAKEN)
    if len(others) >= MAX_KEYS:
        raise InvalidValue(f"{MAX_KEYS} tenants have a provisioning key already")
