"""The estate in the exposition format of Prometheus."""

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from busyout.wire import native

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Gauge = Callable[[native.Element], float | None]


def _load(name: str) -> Gauge:
    def value(element: native.Element) -> float | None:
        return None if element.load is None else getattr(element.load, name)

    return value


GAUGES: Final[dict[str, tuple[str, Gauge]]] = {
    "up": ("1 while the element answers.", lambda element: float(element.operational == "enabled")),
    "calls": ("Established calls.", _load("calls")),
    "setups": ("Calls admitted and not answered yet.", _load("setups")),
    "transactions": ("Transactions without a final answer.", _load("transactions")),
    "registrations": ("Registered users.", _load("registrations")),
    "capacity": ("Most calls it can carry.", _load("capacity")),
    "save_needed": ("1 while running differs from startup.", lambda element: float(element.save_needed)),
    "reset_needed": ("1 while a restart is due.", lambda element: float(element.reset_needed)),
}
"""Text and value of each gauge; no sample where the value is None."""

STATES: Final = ("unlocked", "shutting_down", "locked")


class Estate(Collector):
    """The elements and operations at one instant."""

    def __init__(self, elements: tuple[native.Element, ...], unsettled: int) -> None:
        self._elements = elements
        self._unsettled = unsettled

    def collect(self) -> Iterator[Metric]:
        """Every metric."""
        yield GaugeMetricFamily("busyout_operations_unsettled", "Operations that have not settled.", self._unsettled)
        yield self._administrative()
        for name, (text, value) in GAUGES.items():
            family = GaugeMetricFamily(f"busyout_element_{name}", text, labels=("element", "kind"))
            for element in self._elements:
                if (sample := value(element)) is not None:
                    family.add_metric((element.name, element.kind), float(sample))
            yield family

    def _administrative(self) -> Metric:
        labels = ("element", "kind", "state")
        family = GaugeMetricFamily("busyout_element_administrative", "1 for the state it is in.", labels=labels)
        for element in self._elements:
            for state in STATES:
                family.add_metric((element.name, element.kind, state), float(element.administrative == state))
        return family


def exposition(elements: tuple[native.Element, ...], unsettled: int) -> bytes:
    """All metrics, those of this process included."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(Estate(elements, unsettled))
    return generate_latest(registry)
