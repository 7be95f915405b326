"""Slots without a durable engine: of one server, or of several on one board."""


class OneServer:
    """Implements `ports.modes.Slots` for a server that shares its store with nobody."""

    shared = False
    slot = "slot-0"

    async def live(self) -> frozenset[str]:
        """Itself."""
        return frozenset({self.slot})
