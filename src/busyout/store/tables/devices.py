"""Devices, found by their addresses, each with its rendered configuration."""

from collections.abc import Mapping

from msgspec.structs import replace
from sqlalchemy import bindparam, update

from busyout.domain.audit import AuditRecord
from busyout.domain.device import Device, Rendering
from busyout.domain.dhcp import DhcpInfo
from busyout.ports.directory import Ground
from busyout.store.appending import append_audit
from busyout.store.database import Connection, Database
from busyout.store.schema_directory import devices
from busyout.store.seal import Seal
from busyout.store.statement import Statement
from busyout.store.tables.device_rows import FIND, DeviceRows, no_such_device
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

_OUTDATE = Statement(
    update(devices).where(devices.c.plugin == bindparam("of_plugin")).values(configured=False, outdated=True)
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
            added = DeviceRows(connection, self._documents).insert(device, most=self._most)
            return Renderer(connection, self._seal, ground).render(added)

        return await self._database.run(unit)

    async def replace(self, device: Device, *, ground: Ground, audit: AuditRecord) -> Device:
        """Put a device in the place of the one of its id, and render; see `DeviceRegister.replace`."""

        def unit(connection: Connection) -> Device:
            append_audit(connection, audit)
            rows = DeviceRows(connection, self._documents)
            known = rows.locked(device.id)
            rows.write(device)
            if known.text("config") != device.text("config"):
                rows.drop_transient(known, audit)
            return Renderer(connection, self._seal, ground).render(replace(device, number=known.number))

        return await self._database.run(unit)

    async def remove(self, device: str, *, audit: AuditRecord) -> None:
        """Forget a device; see `DeviceRegister.remove`."""

        def unit(connection: Connection) -> None:
            append_audit(connection, audit)
            rows = DeviceRows(connection, self._documents)
            known = rows.locked(device)
            rows.remove(device)
            rows.drop_transient(known, audit)

        await self._database.run(unit)

    async def render(self, device: str, *, ground: Ground, audit: AuditRecord | None) -> Device:
        """Render anew; see `DeviceRegister.render`."""

        def unit(connection: Connection) -> Device:
            if audit is not None:
                append_audit(connection, audit)
            known = DeviceRows(connection, self._documents).locked(device)
            return Renderer(connection, self._seal, ground).render(known)

        return await self._database.run(unit)

    async def sight(self, device: Device, info: DhcpInfo, *, alone: bool, ground: Ground, audit: AuditRecord) -> Device:
        """Write down an address; see `DeviceRegister.sight`."""

        def unit(connection: Connection) -> Device:
            rows, renderer = DeviceRows(connection, self._documents), Renderer(connection, self._seal, ground)
            known = rows.sighted(info)
            if known is not None and rows.is_as_told(known, info, alone=alone):
                return known
            append_audit(connection, audit)
            known = rows.sighted(info)
            if known is None:
                known = renderer.render(rows.insert(device, most=self._most))
            elif known.text("mac") != info.mac:
                known = renderer.render(rows.address(known, info))
            else:
                known = rows.address(known, info)
            if alone:
                rows.take_address(known, info)
            return known

        return await self._database.run(unit)

    async def find(self, device: str) -> Device:
        """One device; see `DeviceIndex.find`."""
        row = await self._database.look_up(lambda connection: connection.first(FIND, of_id=device))
        if row is None:
            raise no_such_device(device)
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
