"""What must be as it was after a request that was refused."""

from typing import Any

from tests.world import World

from busyout.domain.page import OperationQuery


async def state(world: World) -> dict[str, Any]:
    """Everything that a request could change."""
    services = world.services
    return {
        "elements": [seen.element for seen in services.inventory.statuses()],
        "digests": await services.configuration.digests("sbc"),
        "operations": await services.operations.page(OperationQuery()),
        "audit": len(await services.audit.since(0, limit=1000)),
        "calls": [call.id for call in world.sbc.calls],
        "trunks": [trunk.enabled for trunk in world.sbc.trunks],
        "restarts": world.sbc.restarts,
    }
