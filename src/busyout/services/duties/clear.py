"""Remove what is left of customers and services that are gone, in pieces, so that nobody waits for it."""

from busyout.ports.context_courses import Remains


class Clearance:
    """Clears away what is left; another server, or the next life of this one, goes on with it."""

    def __init__(self, remains: Remains) -> None:
        self._remains = remains

    async def round(self) -> None:
        """Remove all there is at present."""
        while await self._remains.clear():
            pass
