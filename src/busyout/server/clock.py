"""The time as the machine has it."""

import asyncio
import time


class SystemClock:
    """Implements `ports.clock.Clock`."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait; a wait of zero or less lets others run once."""
        await asyncio.sleep(max(0.0, seconds))
