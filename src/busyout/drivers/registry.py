"""The drivers there are, by name. The only module that imports them, and only those that are used."""

from collections.abc import Callable
from pathlib import Path

from busyout.domain.element import Element
from busyout.domain.errors import InvalidValue
from busyout.drivers.inside.depot import FolderDepot
from busyout.drivers.shelf.shelf import FolderShelf
from busyout.drivers.shelf.trust import FileTrust
from busyout.drivers.simulated.behaviour import read_behaviour
from busyout.drivers.simulated.network import SimulatedNetwork
from busyout.ports.clock import Clock
from busyout.ports.depot import Depot
from busyout.ports.driver import Driver
from busyout.ports.repository import Repository
from busyout.ports.shelf import Trust
from busyout.ports.tokens import TokenService


class Registry:
    """Implements `ports.driver.Drivers`."""

    def __init__(self, clock: Clock, network: SimulatedNetwork | None = None) -> None:
        """Without a `network`, simulated engines live as long as this registry."""
        self._clock = clock
        self._network = network or SimulatedNetwork(clock)
        self._makers: dict[str, Callable[[Element, Path], Driver]] = {
            "inside": self._inside,
            "proxy": _proxy,
            "simulated": self._simulated,
        }

    def make(self, element: Element, home: Path) -> Driver:
        """The driver of an element.

        Raises:
            InvalidValue: There is no driver of that name, or its options are wrong.
        """
        try:
            maker = self._makers[element.driver]
        except KeyError:
            known = ", ".join(sorted(self._makers))
            raise InvalidValue(f"there is no driver {element.driver!r}; there are {known}") from None
        return maker(element, home)

    def _simulated(self, element: Element, home: Path) -> Driver:
        del home  # an engine in memory keeps no files
        from busyout.drivers.simulated.driver import SimulatedDriver  # noqa: PLC0415 - only where it is used

        behaviour = read_behaviour(element.options)
        return SimulatedDriver(self._network.engine(element.name), behaviour, self._clock)

    def _inside(self, element: Element, home: Path) -> Driver:
        del home  # what the server keeps for it is no business of an engine
        from busyout.drivers.inside.driver import InsideDriver  # noqa: PLC0415 - only where it is used

        return InsideDriver(element, self._clock)


def _proxy(element: Element, home: Path) -> Driver:
    from busyout.drivers.proxy.driver import ProxyDriver  # noqa: PLC0415 - only where it is used

    return ProxyDriver(element, home)


def make_repository(
    clock: Clock, *, allow: tuple[str, ...], folder: Path | None, authorities: Path | None
) -> Repository:
    """What plug-ins are fetched with.

    `folder` is the one local folder that may be read; `authorities`, PEM, are believed beside those of the system.

    Raises:
        InvalidValue: An entry of `allow` is no host, address or network.
    """
    from busyout.drivers.repository.driver import UrlRepository  # noqa: PLC0415 - only where it is used
    from busyout.drivers.repository.road import Reach  # noqa: PLC0415

    return UrlRepository(clock, Reach(allow=allow, folder=folder, authorities=authorities))


def make_token_service(url: str, *, master_tenant: str | None) -> TokenService:
    """Who judges tokens that others have issued; tokens of `master_tenant` are good for every tenant."""
    from busyout.drivers.tokens.driver import HttpTokenService  # noqa: PLC0415 - only where it is used

    return HttpTokenService(url, master_tenant=master_tenant)


def make_shelf(root: Path) -> FolderShelf:
    """Where plug-ins are put."""
    return FolderShelf(root)


def make_trust(key: bytes | None) -> Trust:
    """Who judges what was fetched; without a key nothing needs a signature."""
    return FileTrust(key)


def make_depot(home: Path) -> Depot:
    """Where the index and what was fetched are kept."""
    return FolderDepot(home)
