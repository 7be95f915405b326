"""What the context services take in and their own face only reads: interactions."""

from typing import Final

from busyout.faces.native import auth, errors
from busyout.faces.native.translate.interactions import interaction_of
from busyout.http import Reply, Request, RequestClass, Route, Services, Through, encoded
from busyout.wire import native

INTERACTIONS: Final = "/v1/context/interactions"


class Context:
    """Handlers."""

    def __init__(self, services: Services) -> None:
        self._interactions = services.interactions

    async def add(self, request: Request[native.NewInteraction, None]) -> Reply:
        """Keep an interaction."""
        interaction, contents = interaction_of(request.body)
        await self._interactions.add(request.caller, interaction, contents)
        return Reply(201, encoded(native.InteractionId(interaction.id)))


def routes(services: Services) -> tuple[Route, ...]:
    """The routes, through the same gate as those of the context services themselves."""
    return (
        Route(
            method="POST",
            path=INTERACTIONS,
            handler=Context(services).add,
            level=auth.ACTING,
            summary="Keep an interaction, to be read by those who work with the customer",
            answers={201: native.InteractionId},
            body=native.NewInteraction,
            entrance=Through(services.gate, RequestClass.DATA),
            refuses=errors.OF_INTERACTIONS,
        ),
    )
