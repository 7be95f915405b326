"""Rendered configurations: made in the unit of work that reads what they are made of."""

import logging
from typing import Any

from msgspec.structs import replace
from sqlalchemy import BigInteger, bindparam, delete, select, update

from busyout.domain.device import Device, Rendering, rendered
from busyout.domain.errors import InvalidValue, NoSuchProfile, SealBroken
from busyout.domain.profile import flattened
from busyout.ports.directory import Ground
from busyout.store.database import Connection, Row
from busyout.store.schema_directory import OUTDATED, devices, renderings
from busyout.store.schema_sealing import place
from busyout.store.seal import Seal
from busyout.store.statement import Statement, insert_or_replace
from busyout.store.tables.document_content import SealedDocuments
from busyout.store.tables.lineage import family, sealed_profiles

log = logging.getLogger(__name__)

_PUT = insert_or_replace(renderings, "device")
_REMOVE = Statement(delete(renderings).where(renderings.c.device == bindparam("of_device")))
_FIND = Statement(
    select(renderings)
    .join(devices, devices.c.id == renderings.c.device)
    .where(devices.c.id == bindparam("of_device"), devices.c.configured.is_(True))
)
_MARK = Statement(
    update(devices)
    .where(devices.c.id == bindparam("of_device"))
    .values(configured=bindparam("is_configured"), outdated=False)
)
SOME_OUTDATED = Statement(select(devices.c.number).where(OUTDATED).limit(1))
"""Whether anything is outdated at all."""

_NEXT_OUTDATED = Statement(
    select(devices)
    .where(OUTDATED)
    .order_by(devices.c.number)
    .limit(bindparam("most", type_=BigInteger))
    .with_for_update(skip_locked=True)
)


class Renderer:
    """Renders devices in one unit of work, each profile read once."""

    def __init__(self, connection: Connection, seal: Seal, ground: Ground) -> None:
        self._connection = connection
        self._seal = seal
        self._profiles = sealed_profiles(seal)
        self._ground = ground
        self._raw: tuple[str, dict[str, Any] | None] | None = None

    def render(self, device: Device) -> Device:
        """Render a device, whose row is locked or new, or note that it cannot be; returns it as it is then."""
        raw = self._raw_of(device)
        self._connection.change(_MARK, of_device=device.id, is_configured=raw is not None)
        if raw is None:
            self._connection.change(_REMOVE, of_device=device.id)
        else:
            content = rendered(device, raw)
            sealed = self._seal.seal(content, place(renderings.c.content, device.id))
            digest = self._seal.fingerprint(content.encode())
            self._connection.change(_PUT, device=device.id, content=sealed, digest=digest, rendered_at=self._ground.at)
        return replace(device, configured=raw is not None)

    def _raw_of(self, device: Device) -> dict[str, Any] | None:
        """The raw configuration of a device; None where its plug-in or its profile is not there or not usable."""
        plugin, profile, plugins = device.text("plugin"), device.text("config"), self._ground.plugins
        if not plugin or not profile or (plugins is not None and plugin not in plugins):
            return None
        if self._raw is None or self._raw[0] != profile:
            self._raw = (profile, self._flattened(profile))
        return self._raw[1]

    def _flattened(self, profile: str) -> dict[str, Any] | None:
        try:
            return flattened(profile, family(self._connection, self._profiles, profile), self._ground.base)
        except (NoSuchProfile, InvalidValue):
            return None
        except SealBroken as error:
            log.warning("device_not_rendered", extra={"reason": str(error)})
            return None


def render_outdated(connection: Connection, seal: Seal, ground: Ground, limit: int) -> int:
    """Render at most so many devices whose profile or plug-in has changed; returns how many there were."""
    rows = connection.all(_NEXT_OUTDATED, most=limit)
    waiting = [device for row in rows if (device := _readable(connection, seal, row)) is not None]
    renderer = Renderer(connection, seal, ground)
    for device in sorted(waiting, key=lambda device: device.text("config") or ""):
        renderer.render(device)
    return len(rows)


def _readable(connection: Connection, seal: Seal, row: Row) -> Device | None:
    """The device that a row keeps; one that does not open is not configured, and keeps no other one waiting."""
    try:
        return device_of_row(sealed_devices(seal), row)
    except SealBroken as error:
        log.warning("device_not_rendered", extra={"reason": str(error)})
        connection.change(_MARK, of_device=row[1], is_configured=False)
        return None


def find_rendering(connection: Connection, seal: Seal, device: str) -> Rendering | None:
    """The rendered configuration of a configured device; raises `SealBroken`."""
    row = connection.first(_FIND, of_device=device)
    if row is None:
        return None
    id, content, digest, rendered_at = row
    return Rendering(id, seal.open(content, place(renderings.c.content, id)), digest, rendered_at)


def sealed_devices(seal: Seal) -> SealedDocuments:
    """The documents of devices."""
    return SealedDocuments(seal, devices.c.content)


def device_of_row(documents: SealedDocuments, row: Row) -> Device:
    """The device that a row keeps; raises `SealBroken`."""
    number, id, tenant, _, ip, _, _, configured, _, content = row
    document = documents.read(id, content)
    if ip is None and document.get("ip"):
        del document["ip"]
    return Device(number, id, tenant, document, configured=bool(configured))
