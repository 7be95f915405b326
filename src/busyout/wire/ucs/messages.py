"""The bodies of the context services that have a fixed form. Members stand in the order of the documents' examples.

"Set Server Mode" is the document at hand; where a shape is from a sibling page, that page is named.
"""

from typing import Any, Literal

import msgspec
from msgspec import Struct

MEDIA_TYPE = "application/json;charset=UTF-8"
"""Of every body, as public clients send it."""

Mode = Literal["production", "maintenance"]


class ServerChanged(Struct, frozen=True, rename={"mode": "server changed"}):
    """POST /server/mode (section "Response"); the name of the member has a blank."""

    mode: Mode


class ServerStatus(Struct, frozen=True, kw_only=True):
    """GET /server/status (page "Query Server Status"). Memory is in kB."""

    version: str
    system_time: str
    """`2010-02-24T15:56:46.369Z`, like the other times."""
    mode: Mode
    max_memory: int
    allocated_memory: int
    free_memory: int
    used_memory: int
    started: str
    last_request: str
    """The one before this; the start, where there was none."""
    request_today: int
    """The document's own singular."""
    client_errors_today: int
    server_errors_today: int


class Problem(Struct, frozen=True):
    """Every error (8.5, page "Welcome")."""

    message: str
    exception: str
    """A short name that stays the same."""


class AttributeSchema(Struct, frozen=True):
    """One attribute of a profile or of an extension (pages "Attribute Schema")."""

    name: str
    type: str
    length: int
    """Most characters; 0 where that has no meaning."""
    default: Any
    """None where there is none."""
    mandatory: bool
    encrypt: bool
    unique: bool


class ExtensionSchema(Struct, frozen=True):
    """An extension (page "Extension Schema")."""

    name: str
    type: str
    attributes: tuple[AttributeSchema, ...]
    unique: tuple[str | tuple[str, ...], ...]
    """Attributes, or combinations of them, that tell the records of one extension apart."""
    required: bool


class IdentificationKey(Struct, frozen=True):
    """An identification key (page "Get Identification Keys")."""

    name: str
    source: str
    """`profile`, or the name of an extension."""
    attributes: tuple[str, ...]
    """`extension.attribute` where the source is an extension."""
    unique: bool


class BusinessValue(Struct, frozen=True):
    """One value of a business attribute (page "Query Business Attribute Schema")."""

    name: str
    dbid: int
    display_name: str
    description: str


class BusinessAttribute(Struct, frozen=True):
    """A business attribute (page "Query Business Attribute Schema")."""

    name: str
    dbid: int
    display_name: str
    description: str
    map_name: str
    cv_attributes: tuple[str, ...]
    values: tuple[BusinessValue, ...]


class Named(Struct, frozen=True):
    """What a new schema or key is answered with."""

    name: str


class CustomerId(Struct, frozen=True):
    """What a new profile is answered with (page "Create Customer Profile")."""

    customer_id: str


class ServiceId(Struct, frozen=True):
    """What a new service is answered with."""

    service_id: int


class StateId(Struct, frozen=True):
    """What a new state is answered with."""

    state_id: int


class TaskId(Struct, frozen=True):
    """What a new task is answered with."""

    task_id: int


class Files(Struct, frozen=True):
    """What an export is answered with (8.5, page "Export Services File")."""

    created: tuple[str, ...]
    """Names of the files: services, states, tasks."""


encoded = msgspec.json.Encoder().encode
"""A body."""
