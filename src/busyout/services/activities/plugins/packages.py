"""Bring the files of a plug-in's package and put them in place, or take them away."""

from pathlib import Path
from typing import ClassVar, Final

from msgspec.structs import replace

from busyout.domain.errors import NoSuchPackage, NotTrusted
from busyout.domain.operation import Transfer
from busyout.domain.recipe import Recipe, RemoteFile
from busyout.ports.shelf import Expected
from busyout.services.activities.plugins.bringing import Wanted, bring
from busyout.services.job import Job

BY_URL: Final = "default"
"""The downloader that needs nothing but a URL; every other one needs an account at the vendor's."""


class DownloadFiles:
    """Brings the files of a package that are not there."""

    label: ClassVar[str] = "download"

    def __init__(self, plugin: str, package: str, *, upgrade: bool) -> None:
        self._plugin = plugin
        self._package = package
        self._upgrade = upgrade

    async def do(self, job: Job) -> None:
        """Fetch each file and judge it by its digest; those that were fetched before are taken when they are right."""
        recipe = await offered(job, self._plugin, self._package)
        if self._upgrade:
            await in_place(job, self._plugin, self._package)
        cache = await job.provisioning.packages.cache(self._plugin)
        whole = Transfer("download", "progress")
        job.tell_transfers(whole)
        for file in recipe.files:
            path = cache / file.filename
            if not await _right(job, path, file):
                part = await self._bring(job, path, file, whole)
                whole = replace(whole, parts=(*whole.parts, part))
        job.tell_transfers(replace(whole, state="success"))

    async def undo(self, job: Job) -> None:
        """Nothing; what has come is judged again before it is used."""

    async def _bring(self, job: Job, path: Path, file: RemoteFile, whole: Transfer) -> Transfer:
        if not file.url or file.downloader != BY_URL:
            job.tell_transfers(replace(whole, state="fail"))
            raise NotTrusted(f"{file.filename} is given out by its vendor by hand only: put it into {path.parent}")
        part = Transfer("", "progress", 0, file.size)

        def show(now: Transfer) -> None:
            nonlocal part
            part = now
            state = "fail" if now.state == "fail" else "progress"
            job.tell_transfers(replace(whole, state=state, parts=(*whole.parts, now)))

        await bring(job, Wanted(file.url, path, file.size, size=file.size), show)
        try:
            await job.provisioning.trust.check_file(path, _expected(file))
        except NotTrusted:
            show(replace(part, state="fail"))
            raise
        return part


class InstallFiles:
    """Makes of the files what devices fetch."""

    label: ClassVar[str] = "install"

    def __init__(self, plugin: str, package: str) -> None:
        self._plugin = plugin
        self._package = package

    async def do(self, job: Job) -> None:
        """Run the filters of the recipe apart, and put the result in place."""
        await job.provisioning.packages.install_package(self._plugin, self._package)

    async def undo(self, job: Job) -> None:
        """Nothing; a package is put in place whole or not at all."""


class TakeFilesAway:
    """Takes away what a package has put in place."""

    label: ClassVar[str] = "take away"

    def __init__(self, plugin: str, package: str) -> None:
        self._plugin = plugin
        self._package = package

    async def do(self, job: Job) -> None:
        """Remove its files and its record."""
        if not job.resumed:
            await job.note(version=await in_place(job, self._plugin, self._package))
        await job.provisioning.packages.uninstall_package(self._plugin, self._package)

    async def undo(self, job: Job) -> None:
        """Nothing; a package is taken away whole or not at all, and installed again by a command of its own."""


async def offered(job: Job, plugin: str, package: str) -> Recipe:
    """A package that a plug-in offers.

    Raises:
        NoSuchPlugin, NoSuchPackage: It does not; or the plug-in is not in place.
    """
    recipe = (await job.provisioning.packages.recipes(plugin)).get(package)
    if not isinstance(recipe, Recipe):
        raise NoSuchPackage(f"plug-in {plugin} offers no package {package!r}")
    return recipe


async def in_place(job: Job, plugin: str, package: str) -> str:
    """The version of a package that is in place.

    Raises:
        NoSuchPackage: It is not.
    """
    for installed in await job.provisioning.packages.installed_packages(plugin):
        if installed.id == package:
            return installed.version
    raise NoSuchPackage(f"package {package} of plug-in {plugin} is not installed")


def _expected(file: RemoteFile) -> Expected:
    return Expected(sha1=file.sha1, sha256=file.sha256, size=file.size)


async def _right(job: Job, path: Path, file: RemoteFile) -> bool:
    """Whether a file is there and is the one that is meant."""
    try:
        await job.provisioning.trust.check_file(path, _expected(file))
    except NotTrusted:
        return False
    return True
