"""Tell when a trunk goes down and when it comes back."""

from typing import Final

from busyout.domain.alarm import Alarm, Severity
from busyout.domain.engine import TrunkStatus
from busyout.ports.clock import Clock
from busyout.ports.driver import Driver
from busyout.services.alarms import Alarms

DOWN: Final = "trunkDown"
"""Name of the alarm."""


class TrunkWatch:
    """Raises and clears the alarm of each trunk."""

    def __init__(self, alarms: Alarms, clock: Clock) -> None:
        self._alarms = alarms
        self._clock = clock

    async def look(self, name: str, driver: Driver) -> None:
        """Compare the trunks of an element with what was told of them."""
        trunks = await driver.trunks()
        for trunk in trunks:
            if trunk.enabled and trunk.operational == "down":
                await self._alarms.raise_(self._alarm(name, trunk))
            else:
                await self._alarms.clear(name, source_of(trunk.id), DOWN)
        there = {source_of(trunk.id) for trunk in trunks}
        for source in self._alarms.sources(name, DOWN) - there:
            await self._alarms.clear(name, source, DOWN)

    def _alarm(self, name: str, trunk: TrunkStatus) -> Alarm:
        return Alarm(
            id=0,
            element=name,
            source=source_of(trunk.id),
            name=DOWN,
            severity=Severity.MAJOR,
            probable_cause="communicationsSubsystemFailure",
            text=f"Trunk is down: {trunk.uri} does not answer",
            raised_at=self._clock.now(),
        )


def source_of(trunk: str) -> str:
    """How an alarm names a trunk."""
    return f"trunk/{trunk}"
