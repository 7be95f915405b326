"""The resources of the Mediant REST API, as far as the document's sections 2 to 5 and 8 go."""

from busyout.faces.mediant import auth, errors, translate
from busyout.http import Authenticator, Face, Handler, Level, Reply, Request, Route, Services, encoded
from busyout.wire.mediant import messages

SAVE_PATIENCE = 20.0
"""Longest wait for the configuration to be saved, in seconds."""

REFUSING_PATIENCE = 1.0
"""Longest wait, in seconds, for new calls to be refused before a reset is answered."""

VERSIONS = messages.Versions((messages.Version("v1", "stable", "/api/v1"),))

TREE = messages.Items(
    (
        messages.Entry("actions", "Device actions", "/api/v1/actions"),
        messages.Entry("status", "Device status", "/api/v1/status"),
    )
)

ACTIONS = messages.Actions(
    (
        messages.Entry("reset", "Reset device", "/api/v1/actions/reset"),
        messages.Entry("saveConfiguration", "Save device configuration to NVRAM", "/api/v1/actions/saveConfiguration"),
    )
)


class Device:
    """The handlers, for one element."""

    def __init__(self, services: Services, element: str) -> None:
        self._services = services
        self._element = element
        self._identity: translate.Identity | None = None

    def started(self) -> None:
        """Refuse while the device does not answer."""
        translate.started(self._services.inventory.status(self._element))

    async def api(self, _request: Request[None, None]) -> Reply:
        """GET /api (section 3)."""
        return Reply(body=encoded(VERSIONS))

    async def tree(self, _request: Request[None, None]) -> Reply:
        """GET /api/v1 (section 4)."""
        return Reply(body=encoded(TREE))

    async def actions(self, _request: Request[None, None]) -> Reply:
        """GET /api/v1/actions (section 5)."""
        return Reply(body=encoded(ACTIONS))

    async def reset(self, request: Request[messages.Reset, None]) -> Reply:
        """POST /api/v1/actions/reset (section 5.1)."""
        command = translate.restart(request.body)
        operation = await self._services.operations.start(request.caller, self._element, command)
        await self._services.operations.wait_refusing(operation.id, timeout=REFUSING_PATIENCE)
        return Reply(body=encoded(messages.Description("Device will reset now")))

    async def save(self, request: Request[None, None]) -> Reply:
        """POST /api/v1/actions/saveConfiguration (section 5.2)."""
        operations = self._services.operations
        operation = await operations.start(request.caller, self._element, translate.COMMIT)
        translate.saved(await operations.wait_settled(operation.id, timeout=SAVE_PATIENCE))
        return Reply()

    async def status(self, _request: Request[None, None]) -> Reply:
        """GET /api/v1/status (section 8)."""
        seen = self._services.inventory.status(self._element)
        if self._identity is None or self._identity.digest != seen.running_digest:
            running = await self._services.configuration.read(self._element, translate.RUNNING)
            self._identity = translate.identity(running)
        now = self._services.clock.now()
        return Reply(body=encoded(translate.status(seen, self._identity, now=now)))


def build(services: Services, operators: Authenticator, *, element: str) -> Face:
    """The face of one element."""
    device = Device(services, element)
    return Face(
        name="mediant",
        prefixes=("/api",),
        routes=_routes(device),
        operators=operators,
        statuses=errors.STATUSES,
        worded=errors.worded,
        answers_options=False,
        gate=device.started,
    )


def _routes(device: Device) -> tuple[Route, ...]:
    return (
        _get("/api", device.api, "Versions of the API", messages.Versions),
        _get("/api/v1", device.tree, "Navigation tree", messages.Items),
        _get("/api/v1/status", device.status, "Device status", messages.Status),
        _get("/api/v1/actions", device.actions, "Actions", messages.Actions, level=auth.ACTING),
        Route(
            method="POST",
            path="/api/v1/actions/reset",
            handler=device.reset,
            level=auth.ACTING,
            summary="Reset device",
            answers={200: messages.Description},
            body=messages.Reset,
            default=messages.Reset(),
        ),
        Route(
            method="POST",
            path="/api/v1/actions/saveConfiguration",
            handler=device.save,
            level=auth.ACTING,
            summary="Save configuration",
            answers={200: None},
        ),
    )


def _get(path: str, handler: Handler, summary: str, answer: type, *, level: Level = auth.READING) -> Route:
    return Route(method="GET", path=path, handler=handler, level=level, summary=summary, answers={200: answer})
