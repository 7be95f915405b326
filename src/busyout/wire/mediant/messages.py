"""JSON messages of the Mediant REST API: top-level folder, navigation tree, actions and status.

Members stand in the order of the document's examples.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

LONGEST_TIMEOUT = 31_536_000
"""Most seconds of `gracefulTimeout`: one year."""

OperationalState = Literal["UNLOCKED", "SHUTTING_DOWN", "LOCKED"]


class Version(Struct, frozen=True):
    """A version of the API (section 3)."""

    id: str
    status: str
    url: str


class Versions(Struct, frozen=True):
    """GET /api (section 3)."""

    versions: tuple[Version, ...]


class Entry(Struct, frozen=True):
    """A resource that a folder leads to (sections 4 and 5)."""

    id: str
    description: str
    url: str


class Items(Struct, frozen=True):
    """GET /api/v1 (section 4)."""

    items: tuple[Entry, ...]


class Actions(Struct, frozen=True):
    """GET /api/v1/actions (section 5)."""

    actions: tuple[Entry, ...]


class Reset(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """POST /api/v1/actions/reset (section 5.1)."""

    save_configuration: bool = True
    graceful_timeout: Annotated[float, Meta(ge=0, le=LONGEST_TIMEOUT)] = 0
    """0 at once, 1 when all calls have ended, otherwise seconds."""


class Description(Struct, frozen=True):
    """What an action answers, and every error (sections 5.1 and 11)."""

    description: str


class Status(Struct, frozen=True, kw_only=True, rename="camel"):
    """GET /api/v1/status (section 8); from `serial_number` on as later versions have it (7.4)."""

    local_time_stamp: str
    """`2010-01-17T17:29:15.000Z`."""
    ip_address: str
    subnet_mask: str
    default_gateway: str
    product_type: str
    version_id: str = field(name="versionID")
    protocol_type: Literal["SIP"] = "SIP"
    operational_state: OperationalState
    high_availability: Literal["Stand Alone"] = "Stand Alone"
    serial_number: str
    mac_address: str
    """Twelve lower-case hexadecimal digits."""
    system_up_time: int
    """Hundredths of a second."""
    save_needed: bool
    reset_needed: bool
    upgrade_status: Literal["None"] = "None"
