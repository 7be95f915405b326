"""Devices: documents about telephones, found by their addresses and configured by a profile and a plug-in."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final

import msgspec
from msgspec import Struct

from busyout.domain.document import Document, checked_document, checked_id
from busyout.domain.errors import InvalidValue

MAX_DEVICE: Final = 64 * 1024
"""Largest document of a device, in bytes."""

MAIN: Final = "main"
"""The tenant of devices that nobody has claimed; whoever asks for it may have those of every tenant."""

INDEXED: Final = ("id", "mac", "ip", "plugin", "config", "tenant_uuid")
"""Members that devices are found by without reading the others."""

OURS: Final = frozenset({"id", "tenant_uuid", "is_new", "configured"})
"""Members that the server decides; what somebody gives there is not kept."""

DECISIVE: Final = ("mac", "uuid", "plugin", "config", "vendor", "model", "version", "sn", "options")
"""Members that a rendered configuration depends on."""

_MAC: Final = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
_NAMES: Final = ("plugin", "config")


class Device(Struct, frozen=True):
    """One device."""

    number: int
    """Place in the order in which devices were added; 0 before it is kept."""
    id: str
    tenant: str
    content: Document
    """What others decide about it: all but the members in `OURS`."""
    configured: bool = False
    """Whether there is a rendered configuration that is up to date."""

    @property
    def view(self) -> Document:
        """What is shown of it: its content and what the server decides."""
        return {
            "id": self.id,
            **self.content,
            "tenant_uuid": self.tenant,
            "is_new": self.tenant == MAIN,
            "configured": self.configured,
        }

    def text(self, member: str) -> str | None:
        """A member that is a text; None where it is none, or not there."""
        value = self.content.get(member)
        return value if isinstance(value, str) else None


class Rendering(Struct, frozen=True):
    """A device's configuration as it is handed to the plug-in's own tools, which make the vendor's files of it."""

    device: str
    content: str
    """JSON: `device`, with its members that matter, and `raw_config`."""
    digest: str
    """Equal for equal contents; in hex, and keyed, so that nobody can try passwords on it."""
    rendered_at: float
    """Seconds since the epoch."""


def device_of(document: object, *, id: str, tenant: str) -> Device:
    """A device as somebody gives it; members that the server decides are dropped.

    Raises:
        InvalidValue: It is no device, or an address is not in its normal form; the message says which.
    """
    given = checked_document(document, largest=MAX_DEVICE)
    _address(given, "mac", "MAC", normal_mac)
    _address(given, "ip", "IP", normal_ip)
    for name in _NAMES:
        value = given.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > 128):
            raise InvalidValue(f"{name} is a text of at most 128 characters")
    content = {name: value for name, value in given.items() if name not in OURS}
    return Device(0, checked_id(id), checked_id(tenant), content)


def rendered(device: Device, raw: Mapping[str, Any]) -> str:
    """The content of a rendering."""
    about = {name: device.content[name] for name in DECISIVE if name in device.content}
    whole: Document = {"device": {"id": device.id, "tenant_uuid": device.tenant, **about}, "raw_config": dict(raw)}
    return msgspec.json.encode(whole).decode()


def normal_mac(text: str) -> bool:
    """Whether a MAC address is six pairs of lower-case digits with colons."""
    return _MAC.fullmatch(text) is not None


def normal_ip(text: str) -> bool:
    """Whether an IP address, of version 4 or 6, is in its one canonical form."""
    try:
        return "%" not in text and str(ip_address(text)) == text
    except ValueError:
        return False


def _address(given: Document, name: str, title: str, normal: Callable[[str], bool]) -> None:
    value = given.get(name)
    if value is None or value == "":
        return
    if not isinstance(value, str):
        raise InvalidValue(f"{name} is a text")
    if not normal(value):
        raise InvalidValue(f"Non-normalized {title} address {value[:64]}")
