"""What the server does unasked: how often."""

import asyncio
from typing import Final

from busyout.server.house import House
from busyout.services.agreement import REFRESH_EVERY
from busyout.services.duties.rounds import again_and_again

SWEEP_EVERY: Final = 1.0
"""Seconds between two looks for acknowledged operations that nobody carries."""

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at every element."""

RELAY_EVERY: Final = 1.0
"""Seconds between two looks at what other servers on the same store have done."""

RENDER_EVERY: Final = 1.0
"""Seconds between two looks for devices whose configuration is out of date."""

CLEAR_EVERY: Final = 1.0
"""Seconds between two looks for what is left of customers and services that are gone."""

TIDY_EVERY: Final = 5.0
"""Seconds between two looks for what is left of imports."""

EXPIRE_EVERY: Final = 3600.0
"""Seconds between two clean-ups."""


async def attend(house: House) -> None:
    """Do every duty until cancelled."""
    services, clock = house.services, house.services.clock
    async with asyncio.TaskGroup() as duties:
        duties.create_task(again_and_again("sweep", services.operations.sweep, every=SWEEP_EVERY, clock=clock))
        duties.create_task(again_and_again("supervise", house.supervision.round, every=LOOK_EVERY, clock=clock))
        duties.create_task(again_and_again("relay", services.events.relay, every=RELAY_EVERY, clock=clock))
        duties.create_task(again_and_again("refresh", house.refresh, every=RELAY_EVERY, clock=clock))
        duties.create_task(again_and_again("render", services.devices.settle, every=RENDER_EVERY, clock=clock))
        duties.create_task(again_and_again("clear", house.clearance.round, every=CLEAR_EVERY, clock=clock))
        if house.agreement.shared:
            duties.create_task(again_and_again("modes", house.agreement.refresh, every=REFRESH_EVERY, clock=clock))
        duties.create_task(again_and_again("imports", services.customers.tidy, every=TIDY_EVERY, clock=clock))
        duties.create_task(again_and_again("expire", house.expiry.round, every=EXPIRE_EVERY, clock=clock))
