"""The drivers there are, by name. The only module that imports them, and only those that are used."""

from collections.abc import Callable
from pathlib import Path

from busyout.domain.element import Element
from busyout.domain.errors import InvalidValue
from busyout.drivers.simulated.behaviour import read_behaviour
from busyout.drivers.simulated.network import SimulatedNetwork
from busyout.ports.clock import Clock
from busyout.ports.driver import Driver


class Registry:
    """Implements `ports.driver.Drivers`."""

    def __init__(self, clock: Clock, network: SimulatedNetwork | None = None) -> None:
        """Without a `network`, simulated engines live as long as this registry."""
        self._clock = clock
        self._network = network or SimulatedNetwork(clock)
        self._makers: dict[str, Callable[[Element, Path], Driver]] = {
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


def _proxy(element: Element, home: Path) -> Driver:
    from busyout.drivers.proxy.driver import ProxyDriver  # noqa: PLC0415 - only where it is used

    return ProxyDriver(element, home)
