"""Render the configuration of a device anew."""

from typing import ClassVar

from busyout.services.job import Job


class RenderConfiguration:
    """Renders what a device is configured with."""

    label: ClassVar[str] = "render the configuration"

    def __init__(self, device: str) -> None:
        self._device = device

    async def do(self, job: Job) -> None:
        """Lay the device's config over those that it inherits from, and keep the result."""
        await job.provisioning.devices.synchronize(self._device)

    async def undo(self, job: Job) -> None:
        """Nothing; what was rendered is what the device is configured with."""
