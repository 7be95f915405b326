"""Take a plug-in away."""

from typing import ClassVar

from busyout.services.job import Job
from busyout.services.provisioning import plugin_changed


class TakeAway:
    """Takes a plug-in from the shelf."""

    label: ClassVar[str] = "take away"

    def __init__(self, plugin: str) -> None:
        self._plugin = plugin

    async def do(self, job: Job) -> None:
        """Take it away in one switch; the operator's own files are kept aside."""
        if not job.resumed:
            await job.note(version=job.provisioning.library.in_place(self._plugin).version)
        await job.provisioning.shelf.remove(self._plugin)
        await plugin_changed(job.provisioning, self._plugin)

    async def undo(self, job: Job) -> None:
        """Switch back to what was there before."""
        if job.resumed:
            await job.provisioning.shelf.restore(self._plugin)
            await plugin_changed(job.provisioning, self._plugin)
