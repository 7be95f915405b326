"""Devices, found by their addresses, each with its rendered configuration."""

from collections.abc import Mapping

from msgspec.structs import replace
from sqlalchemy import bindparam, delete, exists, func, null, select, update

from busyout.domain.audit import AuditRecord
from busyout.domain.device import Device, Rendering
from busyout.domain.dhcp import DhcpInfo
from busyout.domain.errors import DocumentExists, InvalidValue, NoSuchDevice
from busyout.ports.directory import Ground
from busyout.store.appending import append_audit
from busyout.store.database import Connection, Database
from busyout.store.schema_directory import devices, profile_parents, profiles
from busyout.store.seal import Seal
from busyout.store.statement import Statement, insert_unless
from busyout.store.tables.document_pages import page_of, rows_of
from busyout.store.tables.renderings import (
    SOME_OUTDATED,
    Renderer,
    device_of_row,
    find_rendering,
    render_outdated,
    sealed_devices,
)

MAX_DEVICES = 100_000
"""Most devices: whoever can reach the DHCP address may add some."""

COLUMNS = ("mac", "ip", "plugin", "config")
"""Members of a document that are columns too."""

_ADD = insert_unless(devices, "id", returning=devices.c.number)
_COUNT = Statement(select(func.count()).select_from(devices))
_NAMED = devices.c.id == bindparam("of_id")
_FIND = Statement(select(devices).where(_NAMED))
_LOCK = Statement(select(devices).where(_NAMED).with_for_update())
_WRITE = Statement(
    update(devices)
    .where(_NAMED)
    .values(
        tenant=bindparam("new_tenant"),
        content=bindparam("new_content"),
        **{name: bindparam(f"new_{name}") for name in COLUMNS},
    )
)
_REMOVE = Statement(delete(devices).where(_NAMED))
_OF_MAC = Statement(select(devices).where(devices.c.mac == bindparam("of_mac")).order_by(devices.c.number).limit(1))
_UNNAMED = Statement(
    select(devices)
    .where(devices.c.ip == bindparam("of_ip"), devices.c.mac.is_(None))
    .order_by(devices.c.number)
    .limit(1)
)
_ELSEWHERE = (devices.c.ip == bindparam("of_ip"), devices.c.id != bindparam("but_id"))
_SHARED = Statement(select(devices.c.number).where(*_ELSEWHERE).limit(1))
_TAKE_ADDRESS = Statement(update(devices).where(*_ELSEWHERE).values(ip=null()))
_OUTDATE = Statement(
    update(devices).where(devices.c.plugin == bindparam("of_plugin")).values(configured=False, outdated=True)
)
_DROP_TRANSIENT = Statement(
    delete(profiles).where(
        profiles.c.id == bindparam("of_profile"),
        profiles.c.transient.is_(True),
        ~exists().where(devices.c.config == profiles.c.id),
        ~exists().where(profile_parents.c.parent == profiles.c.id),
    )
)


class DeviceTable:
    """Implements `DeviceRegister` and `DeviceIndex`.

    Audit entries come first in each unit: they keep other writers away, so that what is read stays true.
    """

    def __init__(self, database: Database, seal: Seal, *, most: int = MAX_DEVICES) -> None:
        self._database = database
        self._seal = seal
        self._documents = sealed_devices(seal)
        self._most = most

    async def add(self, device: Device, *, ground: Ground, audit: AuditRecord) -> Device:
        """Keep a new device and render; see `DeviceRegister.add`."""

        def unit(connection: Connection) -> Device:
            append_audit(connection, audit)
            return Renderer(connection, self._seal, ground).render(self._insert(connection, device))

        return await self._database.run(unit)

    async def replace(self, device: Device, *, ground: Ground, audit: AuditRecord) -> Device:
        """Put a device in the place of the one of its id, and render; see `DeviceRegister.replace`."""

        def unit(connection: Connection) -> Device:
            append_audit(connection, audit)
            known = self._locked(connection, device.id)
            self._write(connection, device)
            if known.text("config") != device.text("config"):
                _drop_transient(connection, known, audit)
            return Renderer(connection, self._seal, ground).render(replace(device, number=known.number))

        return await self._database.run(unit)

    async def remove(self, device: str, *, audit: AuditRecord) -> None:
        """Forget a device; see `DeviceRegister.remove`."""

        def unit(connection: Connection) -> None:
            append_audit(connection, audit)
            known = self._locked(connection, device)
            connection.change(_REMOVE, of_id=device)
            _drop_transient(connection, known, audit)

        await self._database.run(unit)

    async def render(self, device: str, *, ground: Ground, audit: AuditRecord | None) -> Device:
        """Render anew; see `DeviceRegister.render`."""

        def unit(connection: Connection) -> Device:
            if audit is not None:
                append_audit(connection, audit)
            return Renderer(connection, self._seal, ground).render(self._locked(connection, device))

        return await self._database.run(unit)

    async def sight(self, device: Device, info: DhcpInfo, *, alone: bool, ground: Ground, audit: AuditRecord) -> Device:
        """Write down an address; see `DeviceRegister.sight`."""

        def unit(connection: Connection) -> Device:
            known = self._sighted(connection, info)
            if known is not None and _as_told(connection, known, info, alone=alone):
                return known
            append_audit(connection, audit)
            known = self._sighted(connection, info)
            if known is None:
                known = Renderer(connection, self._seal, ground).render(self._insert(connection, device))
            elif known.text("mac") != info.mac:
                known = self._addressed(connection, known, info)
                known = Renderer(connection, self._seal, ground).render(known)
            else:
                known = self._addressed(connection, known, info)
            if alone:
                connection.change(_TAKE_ADDRESS, of_ip=info.ip, but_id=known.id)
            return known

        return await self._database.run(unit)

    async def find(self, device: str) -> Device:
        """One device; see `DeviceIndex.find`."""
        row = await self._database.look_up(lambda connection: connection.first(_FIND, of_id=device))
        if row is None:
            raise _none(device)
        return device_of_row(self._documents, row)

    async def page(self, equal: Mapping[str, str], *, after: int, limit: int) -> tuple[Device, ...]:
        """Devices by number; see `DeviceIndex.page`."""
        named = {"tenant" if name == "tenant_uuid" else name: text for name, text in equal.items()}
        return await self._database.read(
            lambda connection: tuple(
                device_of_row(self._documents, row)
                for row in page_of(connection, devices.c.content, named, after=after, limit=limit)
            )
        )

    async def numbered(self, numbers: tuple[int, ...]) -> tuple[Device, ...]:
        """The devices of those numbers that are still there, in that order."""
        return await self._database.read(
            lambda connection: tuple(
                device_of_row(self._documents, row) for row in rows_of(connection, devices.c.content, numbers)
            )
        )

    async def rendering(self, device: str) -> Rendering | None:
        """The rendered configuration of a device; None where there is none that is up to date."""
        return await self._database.look_up(lambda connection: find_rendering(connection, self._seal, device))

    async def outdate(self, plugin: str) -> None:
        """Mark every device of a plug-in; see `DeviceIndex.outdate`."""
        await self._database.run(lambda connection: connection.change(_OUTDATE, of_plugin=plugin))

    async def render_outdated(self, *, ground: Ground, limit: int) -> int:
        """Render devices whose profile or plug-in has changed; see `DeviceIndex.render_outdated`."""
        if await self._database.look_up(lambda connection: connection.first(SOME_OUTDATED)) is None:
            return 0
        return await self._database.run(lambda connection: render_outdated(connection, self._seal, ground, limit))

    def _insert(self, connection: Connection, device: Device) -> Device:
        row = connection.first(
            _ADD,
            id=device.id,
            tenant=device.tenant,
            content=self._documents.written(device.id, device.content),
            configured=False,
            outdated=False,
            **_texts(device),
        )
        if row is None:
            raise DocumentExists(device.id)
        if connection.all(_COUNT)[0][0] > self._most:
            raise InvalidValue(f"there are {self._most} devices already, and no more can be kept")
        return replace(device, number=row[0])

    def _locked(self, connection: Connection, device: str) -> Device:
        row = connection.first(_LOCK, of_id=device)
        if row is None:
            raise _none(device)
        return device_of_row(self._documents, row)

    def _write(self, connection: Connection, device: Device) -> None:
        texts = {f"new_{name}": text for name, text in _texts(device).items()}
        connection.change(
            _WRITE,
            of_id=device.id,
            new_tenant=device.tenant,
            new_content=self._documents.written(device.id, device.content),
            **texts,
        )

    def _sighted(self, connection: Connection, info: DhcpInfo) -> Device | None:
        """The device that a lease is about; None where it is a new one."""
        row = connection.first(_OF_MAC, of_mac=info.mac) or connection.first(_UNNAMED, of_ip=info.ip)
        return device_of_row(self._documents, row) if row is not None else None

    def _addressed(self, connection: Connection, device: Device, info: DhcpInfo) -> Device:
        changed = replace(device, content={**device.content, "mac": info.mac, "ip": info.ip})
        self._write(connection, changed)
        return changed


def _texts(device: Device) -> dict[str, str | None]:
    """What the columns hold of a document; an empty text is none."""
    return {name: device.text(name) or None for name in COLUMNS}


def _as_told(connection: Connection, device: Device, info: DhcpInfo, *, alone: bool) -> bool:
    """Whether a lease tells nothing new."""
    if (device.text("mac"), device.text("ip")) != (info.mac, info.ip):
        return False
    return not alone or connection.first(_SHARED, of_ip=info.ip, but_id=device.id) is None


def _drop_transient(connection: Connection, device: Device, audit: AuditRecord) -> None:
    """Remove the profile that a device had, when it was made for that device and nobody else has it."""
    profile = device.text("config")
    if profile and connection.change(_DROP_TRANSIENT, of_profile=profile):
        append_audit(connection, replace(audit, action="profile.delete", subject=profile, before=None, after=None))


def _none(device: str) -> NoSuchDevice:
    return NoSuchDevice(f'invalid device ID "{device}"')
