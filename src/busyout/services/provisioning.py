"""What the steps of the provisioning may use, in one parcel."""

from collections.abc import Iterable
from dataclasses import dataclass

from busyout.domain.element import ElementStatus
from busyout.domain.engine import Capability
from busyout.domain.errors import InvalidValue, NoSuchElement
from busyout.ports.depot import Depot
from busyout.ports.repository import Repository
from busyout.ports.shelf import PackageShelf, Shelf, Trust
from busyout.services.devices import Devices
from busyout.services.library import Library
from busyout.services.parameters import Parameters

NO_SERVER = "'server' has no value set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    """Where plug-ins come from, who judges them, where they are put, and what is known of them."""

    repository: Repository
    trust: Trust
    shelf: Shelf
    packages: PackageShelf
    depot: Depot
    library: Library
    parameters: Parameters
    devices: Devices


def keeper(statuses: Iterable[ElementStatus]) -> str:
    """The element that keeps plug-ins and devices.

    Raises:
        NoSuchElement: There is none.
    """
    for status in statuses:
        if Capability.PROVISIONING in status.capabilities:
            return status.element.name
    raise NoSuchElement("no element keeps plug-ins and devices; add one of kind provisioning, driver inside")


async def plugin_changed(provisioning: Provisioning, plugin: str) -> None:
    """Take in that a plug-in has come, changed or gone, and let its devices follow."""
    await provisioning.library.look()
    await provisioning.devices.plugin_changed(plugin)


def url_of(parameters: Parameters, name: str) -> str:
    """The URL of a file of the repository.

    Raises:
        InvalidValue: No repository is set.
    """
    server = parameters.plugin_server
    if server is None:
        raise InvalidValue(NO_SERVER)
    return f"{server.rstrip('/')}/{name}"
