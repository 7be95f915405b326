"""Rows of devices in one unit of work: added, locked, written, found by what a lease says."""

from msgspec.structs import replace
from sqlalchemy import bindparam, delete, exists, func, null, select, update

from busyout.domain.audit import AuditRecord
from busyout.domain.device import Device
from busyout.domain.dhcp import DhcpInfo
from busyout.domain.errors import DocumentExists, InvalidValue, NoSuchDevice
from busyout.store.appending import append_audit
from busyout.store.database import Connection
from busyout.store.schema_directory import devices, profile_parents, profiles
from busyout.store.statement import Statement, insert_unless
from busyout.store.tables.document_content import SealedDocuments
from busyout.store.tables.renderings import device_of_row

COLUMNS = ("mac", "ip", "plugin", "config")
"""Members of a document that are columns too."""

_ADD = insert_unless(devices, "id", returning=devices.c.number)
_COUNT = Statement(select(func.count()).select_from(devices))
_NAMED = devices.c.id == bindparam("of_id")
FIND = Statement(select(devices).where(_NAMED))
"""The device of an id."""

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
_DROP_TRANSIENT = Statement(
    delete(profiles).where(
        profiles.c.id == bindparam("of_profile"),
        profiles.c.transient.is_(True),
        ~exists().where(devices.c.config == profiles.c.id),
        ~exists().where(profile_parents.c.parent == profiles.c.id),
    )
)


class DeviceRows:
    """The rows of one unit of work."""

    def __init__(self, connection: Connection, documents: SealedDocuments) -> None:
        self._connection = connection
        self._documents = documents

    def insert(self, device: Device, *, most: int) -> Device:
        """Add a device; returns it with its number.

        Raises:
            DocumentExists: There is one of that id.
            InvalidValue: There are `most` devices already.
        """
        row = self._connection.first(
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
        if self._connection.all(_COUNT)[0][0] > most:
            raise InvalidValue(f"there are {most} devices already, and no more can be kept")
        return replace(device, number=row[0])

    def locked(self, device: str) -> Device:
        """A device, which nobody else writes until the unit ends.

        Raises:
            NoSuchDevice: There is none of that id.
        """
        row = self._connection.first(_LOCK, of_id=device)
        if row is None:
            raise no_such_device(device)
        return device_of_row(self._documents, row)

    def write(self, device: Device) -> None:
        """Put a device in the place of the one of its id."""
        texts = {f"new_{name}": text for name, text in _texts(device).items()}
        self._connection.change(
            _WRITE,
            of_id=device.id,
            new_tenant=device.tenant,
            new_content=self._documents.written(device.id, device.content),
            **texts,
        )

    def remove(self, device: str) -> None:
        """Forget a device. Idempotent."""
        self._connection.change(_REMOVE, of_id=device)

    def drop_transient(self, device: Device, audit: AuditRecord) -> None:
        """Remove the profile that a device had, when it was made for that device and nobody else has it."""
        profile = device.text("config")
        if profile and self._connection.change(_DROP_TRANSIENT, of_profile=profile):
            entry = replace(audit, action="profile.delete", subject=profile, before=None, after=None)
            append_audit(self._connection, entry)

    def sighted(self, info: DhcpInfo) -> Device | None:
        """The device that a lease is about; None where it is a new one."""
        first = self._connection.first
        row = first(_OF_MAC, of_mac=info.mac) or first(_UNNAMED, of_ip=info.ip)
        return device_of_row(self._documents, row) if row is not None else None

    def is_as_told(self, device: Device, info: DhcpInfo, *, alone: bool) -> bool:
        """Whether a lease tells nothing new of a device; where it is alone, nobody else has its address."""
        if (device.text("mac"), device.text("ip")) != (info.mac, info.ip):
            return False
        return not alone or self._connection.first(_SHARED, of_ip=info.ip, but_id=device.id) is None

    def address(self, device: Device, info: DhcpInfo) -> Device:
        """Give a device the addresses of a lease; returns it as it is then."""
        changed = replace(device, content={**device.content, "mac": info.mac, "ip": info.ip})
        self.write(changed)
        return changed

    def take_address(self, device: Device, info: DhcpInfo) -> None:
        """Take the address of a lease from every other device."""
        self._connection.change(_TAKE_ADDRESS, of_ip=info.ip, but_id=device.id)


def no_such_device(device: str) -> NoSuchDevice:
    """The refusal of an id that no device has."""
    return NoSuchDevice(f'invalid device ID "{device}"')


def _texts(device: Device) -> dict[str, str | None]:
    """What the columns hold of a document; an empty text is none."""
    return {name: device.text(name) or None for name in COLUMNS}
