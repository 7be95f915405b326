"""Render the configuration of a device anew."""

from typing import ClassVar, Final

from busyout.services.job import Job

LEFT: Final = "the vendor's files are made of it by the plug-in's own tools, outside of this server"
"""What the step notes of that which it does not do."""


class RenderConfiguration:
    """Renders what a device is configured with."""

    label: ClassVar[str] = "render the configuration"

    def __init__(self, device: str) -> None:
        self._device = device

    async def do(self, job: Job) -> None:
        """Lay the device's config over those it inherits from and keep the result, for the plug-in's tools outside."""
        rendering = await job.provisioning.devices.synchronize(self._device)
        await job.note(digest=rendering.digest, left=LEFT)

    async def undo(self, job: Job) -> None:
        """Nothing; what was rendered is what the device is configured with."""
