"""Where the context services are among the elements."""

from collections.abc import Iterable

from busyout.domain.element import ElementStatus
from busyout.domain.engine import Capability
from busyout.domain.errors import NoSuchElement


def seat(statuses: Iterable[ElementStatus]) -> str:
    """The element that stands for the context services.

    Raises:
        NoSuchElement: There is none.
    """
    for status in statuses:
        if Capability.CONTEXT in status.capabilities:
            return status.element.name
    raise NoSuchElement("there are no context services; add an element of kind context, driver inside")
