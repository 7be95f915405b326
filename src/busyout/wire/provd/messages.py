"""The bodies of provd. Keys stand in the order in which the servers write them, which is not that of the document.

Sections are those of the document "General Resources"; what it does not have is marked.
"""

import json
from typing import Any

import msgspec
from msgspec import Struct

Value = str | int | None
"""What a parameter holds."""


class Link(Struct, frozen=True):
    """Where a service is."""

    rel: str
    href: str


class Links(Struct, frozen=True):
    """Section "Get the Installation Service", and every other resource that only points to others."""

    links: tuple[Link, ...]


class Param(Struct, frozen=True):
    """A parameter in a list."""

    id: str
    description: str
    value: Value
    links: tuple[Link, ...]


class Params(Struct, frozen=True):
    """Section "Get the Configuration"."""

    params: tuple[Param, ...]


class ParamValue(Struct, frozen=True):
    """The inner part of a parameter's value."""

    value: Value


class ParamEnvelope(Struct, frozen=True):
    """Section "Get the Value of a Parameter"."""

    param: ParamValue


class Packages(Struct, frozen=True):
    """Sections "List Installable Packages" and "List Installed Packages"."""

    pkgs: dict[str, dict[str, Any]]


class Status(Struct, frozen=True, omit_defaults=True):
    """Section "Get Current Status"."""

    status: str
    """In the notation of `busyout.wire.provd.notation`."""
    reason: str | None = None
    """Why it failed, an addition of ours; None, and not written, otherwise."""


class PluginInfo(Struct, frozen=True):
    """A plug-in (not in this document)."""

    plugin_info: dict[str, Any]


class PluginLinks(Struct, frozen=True):
    """Plug-ins that are in place (not in this document)."""

    plugins: dict[str, Links]


class Created(Struct, frozen=True):
    """The id of a new device or configuration (not in this document)."""

    id: str


class Health(Struct, frozen=True):
    """Whether the parts work (not in this document; the Wazo dialect)."""

    rest_api: str
    bus_consumer: "BusHealth"


class BusHealth(Struct, frozen=True):
    """The inner part of a health."""

    status: str


class Problem(Struct, frozen=True):
    """An error for those who ask for it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


def encoded(value: object) -> bytes:
    """A body: compact, keys in order, nothing but ASCII."""
    body = msgspec.json.encode(value)
    if body.isascii():
        return body
    return json.dumps(json.loads(body), separators=(",", ":")).encode("ascii")
