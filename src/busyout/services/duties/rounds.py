"""Duties that come round again and again."""

import logging
from collections.abc import Awaitable, Callable

from busyout.domain.errors import BusyoutError
from busyout.ports.clock import Clock

log = logging.getLogger(__name__)


async def again_and_again(name: str, duty: Callable[[], Awaitable[object]], *, every: float, clock: Clock) -> None:
    """Do a duty every so many seconds, until cancelled; what fails is logged and tried again next time."""
    while True:
        try:
            await duty()
        except* BusyoutError:
            log.warning("duty_failed", exc_info=True, extra={"duty": name})
        await clock.sleep(every)
