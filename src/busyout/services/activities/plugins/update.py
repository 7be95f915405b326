"""Bring the repository's index, believe it whole or not at all, and put it into effect."""

import asyncio
from typing import ClassVar

from busyout.domain.errors import NotTrusted
from busyout.domain.plugin import MAX_INDEX, read_index
from busyout.services.activities.plugins.bringing import Wanted, bring, bring_signature
from busyout.services.job import Job
from busyout.services.provisioning import url_of

INDEX = "plugins.db"
"""What the index is called in the repository."""


class DownloadIndex:
    """Brings the index."""

    label: ClassVar[str] = "download the index"

    async def do(self, job: Job) -> None:
        """Fetch it beside the one that is in effect."""
        url = url_of(job.provisioning.parameters, INDEX)
        wanted = Wanted(url, await job.provisioning.depot.candidate(), MAX_INDEX, "download")
        await bring_signature(job, wanted)
        await bring(job, wanted, job.tell_transfers)

    async def undo(self, job: Job) -> None:
        """Nothing; what was fetched is not in effect."""


class CheckIndex:
    """Judges the index."""

    label: ClassVar[str] = "check it whole"

    async def do(self, job: Job) -> None:
        """Check the signature, where a key is configured, and then every entry."""
        candidate = await job.provisioning.depot.candidate()
        await job.provisioning.trust.check_index(candidate, name=INDEX)
        try:
            content = await asyncio.to_thread(candidate.read_bytes)
        except OSError as error:
            raise NotTrusted(f"the index that was fetched cannot be read: {error.strerror}") from error
        await asyncio.to_thread(read_index, content)

    async def undo(self, job: Job) -> None:
        """Nothing; it was only looked at."""


class ReplaceIndex:
    """Puts the index into effect."""

    label: ClassVar[str] = "replace it"

    async def do(self, job: Job) -> None:
        """Switch from the old index to the new one."""
        depot = job.provisioning.depot
        if not job.resumed:
            await job.note(had=await depot.remember())
        await depot.replace()
        await job.provisioning.library.take_index()

    async def undo(self, job: Job) -> None:
        """Switch back to the index that was in effect, or to none."""
        if job.resumed:
            await job.provisioning.depot.restore(had=bool(job.notes["had"]))
            await job.provisioning.library.take_index()
