"""Bring a plug-in's package, judge it, and put it in place: to install a plug-in and to upgrade it."""

import logging
from pathlib import Path
from typing import ClassVar

from busyout.domain.errors import InvalidValue, NotTrusted
from busyout.domain.plugin import PluginEntry
from busyout.ports.shelf import Expected
from busyout.services.activities.plugins.bringing import Wanted, bring, bring_signature
from busyout.services.job import Job
from busyout.services.provisioning import plugin_changed, url_of

log = logging.getLogger(__name__)


class Download:
    """Brings the package of a plug-in, unless it is there."""

    label: ClassVar[str] = "download"

    def __init__(self, plugin: str, *, upgrade: bool) -> None:
        self._plugin = plugin
        self._upgrade = upgrade

    async def do(self, job: Job) -> None:
        """Fetch the package that the index names; one that was fetched before is taken when its digest is right."""
        library = job.provisioning.library
        entry = library.offered(self._plugin)
        require_fitting(self._plugin, upgrade=self._upgrade, there=self._plugin in library.installed)
        package = await job.provisioning.depot.package(self._plugin, entry.filename)
        job.remember(
            filename=entry.filename, version=entry.version, size=entry.size, sha1=entry.sha1, sha256=entry.sha256
        )
        if await self._there(job, package, entry):
            return
        url = url_of(job.provisioning.parameters, entry.filename)
        wanted = Wanted(url, package, entry.size, "download", entry.size)
        await bring_signature(job, wanted)
        await bring(job, wanted, job.tell_transfers)

    async def undo(self, job: Job) -> None:
        """Nothing; what has come is judged again before it is used."""

    async def _there(self, job: Job, package: Path, entry: PluginEntry) -> bool:
        try:
            await job.provisioning.trust.check_package(package, expected(entry), name=entry.filename)
        except NotTrusted as error:
            log.info("package_fetched_anew", extra={"plugin": self._plugin, "reason": str(error)})
            return False
        return True


class Verify:
    """Judges the package by its digests and, where a key is configured, by its signature."""

    label: ClassVar[str] = "verify"

    def __init__(self, plugin: str) -> None:
        self._plugin = plugin

    async def do(self, job: Job) -> None:
        """Let only the package pass that the index meant."""
        package, noted = _noted(job, self._plugin)
        await job.provisioning.trust.check_package(package, noted, name=package.name)

    async def undo(self, job: Job) -> None:
        """Nothing; a package that was not trusted is fetched anew next time."""


class PutInPlace:
    """Makes the package the plug-in, in one switch."""

    label: ClassVar[str] = "put in place"

    def __init__(self, plugin: str) -> None:
        self._plugin = plugin

    async def do(self, job: Job) -> None:
        """Unpack the package apart, check it, and switch; the operator's own files are kept."""
        package, _ = _noted(job, self._plugin)
        version = str(job.note_of(Download.label, "version"))
        await job.provisioning.shelf.place(self._plugin, package, version=version)
        await plugin_changed(job.provisioning, self._plugin)

    async def undo(self, job: Job) -> None:
        """Switch back to what was there before, or to nothing."""
        await job.provisioning.shelf.restore(self._plugin)
        await plugin_changed(job.provisioning, self._plugin)


class Finish:
    """Ends the possibility to go back."""

    label: ClassVar[str] = "finish"

    def __init__(self, plugin: str, *, gone: bool = False) -> None:
        self._plugin = plugin
        self._gone = gone
        """Whether the plug-in was taken away, so that its package is not needed any more."""

    async def do(self, job: Job) -> None:
        """Forget what was there before."""
        if self._gone:
            await job.provisioning.depot.forget(self._plugin)
        await job.provisioning.shelf.settle(self._plugin)

    async def undo(self, job: Job) -> None:
        """Nothing; what was forgotten was not needed any more."""


def require_fitting(plugin: str, *, upgrade: bool, there: bool) -> None:
    """Let only what is there be upgraded, and only what is not there be installed.

    Raises:
        InvalidValue: It is the other way round.
    """
    if upgrade and not there:
        raise InvalidValue(f"plugin {plugin} is not already installed")
    if there and not upgrade:
        raise InvalidValue(f"plugin {plugin} is already installed")


def expected(entry: PluginEntry) -> Expected:
    """What a package has to be, by its entry in the index."""
    return Expected(sha1=entry.sha1, sha256=entry.sha256, size=entry.size)


def _noted(job: Job, plugin: str) -> tuple[Path, Expected]:
    """The package, and what it has to be, as they were when the operation began."""
    notes = {name: job.note_of(Download.label, name) for name in ("filename", "size", "sha1", "sha256")}
    package = job.provisioning.depot.fetched(plugin, str(notes["filename"]))
    sha256 = notes["sha256"]
    size = notes["size"]
    return package, Expected(
        sha1=str(notes["sha1"]),
        sha256=sha256 if isinstance(sha256, str) else None,
        size=size if isinstance(size, int) else None,
    )
