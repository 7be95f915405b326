"""Plug-ins and their packages: listed without work for each look, and asked for with clear refusals."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

from busyout.domain.commands import (
    Command,
    InstallPackage,
    InstallPlugin,
    UninstallPackage,
    UninstallPlugin,
    UpdatePlugins,
    UpgradePackage,
    UpgradePlugin,
)
from busyout.domain.errors import InvalidValue, NoSuchPackage, NoSuchPlugin
from busyout.domain.operation import Operation
from busyout.domain.operator import Caller, Level, require
from busyout.domain.plugin import localized
from busyout.domain.recipe import Recipe
from busyout.services.activities.plugins.install import require_fitting
from busyout.services.inventory import Inventory
from busyout.services.operations import Operations
from busyout.services.provisioning import NO_SERVER, Provisioning, keeper, plugin_changed


class Listing(Struct, frozen=True):
    """A list that is told again and again."""

    revision: str
    """Changes when the content does, and only then: also over a restart."""
    entries: dict[str, dict[str, Any]]
    """By id."""


class Plugins:
    """Lists, installs, upgrades and removes plug-ins and their packages."""

    def __init__(self, provisioning: Provisioning, inventory: Inventory, operations: Operations) -> None:
        self._provisioning = provisioning
        self._library = provisioning.library
        self._packages = provisioning.packages
        self._parameters = provisioning.parameters
        self._inventory = inventory
        self._operations = operations
        self._made: dict[str, tuple[tuple[int, str | None], Listing]] = {}

    def installable(self) -> Listing:
        """What the repository offers, in the order of its index; empty before the first update.

        The same object comes back until the index, the installed set or the locale changes.
        """
        return self._listing("installable", (entry.columns for entry in self._library.index.values()))

    def installed(self) -> Listing:
        """What is in place, with what each plug-in says of itself; as `installable`."""
        return self._listing("installed", (plugin.info for plugin in self._library.installed.values()))

    def plugins(self) -> tuple[str, ...]:
        """Ids of what is in place."""
        return tuple(self._library.installed)

    def info(self, plugin: str) -> dict[str, Any]:
        """What a plug-in says of itself.

        Raises:
            NoSuchPlugin: It is not in place.
        """
        self._library.in_place(plugin)
        return self.installed().entries[plugin]

    async def reload(self, caller: Caller, plugin: str) -> None:
        """Look at the shelf anew, where somebody has worked on it by hand, and let the plug-in's devices follow.

        Raises:
            NotPermitted: The caller is no administrator.
            NoSuchPlugin: The plug-in is not in place; its devices know it from now on.
        """
        require(caller, Level.ADMINISTRATOR)
        await plugin_changed(self._provisioning, plugin)
        self._library.in_place(plugin)

    async def install(self, caller: Caller, plugin: str) -> Operation:
        """Begin to bring a plug-in and put it in place.

        Raises:
            NotPermitted: The caller is no administrator.
            NoSuchPlugin: The index does not have it.
            InvalidValue: It is in place already, or no repository is set.
            ElementBusy: Something is being done to it; `holder` is the operation, perhaps the very same.
        """
        self._require_bringable(caller, plugin, upgrade=False)
        return await self._start(caller, InstallPlugin(plugin))

    async def upgrade(self, caller: Caller, plugin: str) -> Operation:
        """Begin to put what the repository has now in the place of a plug-in.

        Raises:
            InvalidValue: It is not in place; and whatever `install` raises.
        """
        self._require_bringable(caller, plugin, upgrade=True)
        return await self._start(caller, UpgradePlugin(plugin))

    async def uninstall(self, caller: Caller, plugin: str) -> Operation:
        """Begin to take a plug-in away.

        Raises:
            NoSuchPlugin: It is not in place.
            NotPermitted, ElementBusy: As for `install`.
        """
        require(caller, Level.ADMINISTRATOR)
        if plugin not in self._library.installed:
            raise NoSuchPlugin("plugin not found")
        return await self._start(caller, UninstallPlugin(plugin))

    async def update(self, caller: Caller) -> Operation:
        """Begin to bring the index.

        Raises:
            InvalidValue: No repository is set.
            NotPermitted, ElementBusy: As for `install`.
        """
        require(caller, Level.ADMINISTRATOR)
        self._require_server()
        return await self._start(caller, UpdatePlugins())

    async def installable_packages(self, plugin: str) -> Listing:
        """The packages that a plug-in offers.

        Raises:
            NoSuchPlugin: It is not in place.
            InvalidRecipe: Its package files cannot be read.
        """
        recipes = await self._recipes(plugin)
        return _listed({recipe.id: self._described(recipe) for recipe in recipes.values()})

    async def installed_packages(self, plugin: str) -> Listing:
        """The packages of a plug-in that are in place; raises what `installable_packages` raises."""
        self._library.in_place(plugin)
        packages = await self._packages.installed_packages(plugin)
        return _listed({one.id: {"version": one.version, "description": one.description} for one in packages})

    async def install_package(self, caller: Caller, plugin: str, package: str) -> Operation:
        """Begin to bring the files of a package and put them in place.

        Raises:
            NoSuchPlugin: The plug-in is not in place.
            NoSuchPackage: It offers no such package.
            InvalidRecipe: Its package files cannot be read.
            NotPermitted, ElementBusy: As for `install`.
        """
        await self._require_offered(caller, plugin, package)
        return await self._start(caller, InstallPackage(plugin, package))

    async def upgrade_package(self, caller: Caller, plugin: str, package: str) -> Operation:
        """As `install_package`, of a package that is in place."""
        await self._require_offered(caller, plugin, package)
        await self._require_package(plugin, package)
        return await self._start(caller, UpgradePackage(plugin, package))

    async def uninstall_package(self, caller: Caller, plugin: str, package: str) -> Operation:
        """Begin to take away what a package has put in place.

        Raises:
            NoSuchPlugin, NoSuchPackage: It is not in place.
            NotPermitted, ElementBusy: As for `install`.
        """
        require(caller, Level.ADMINISTRATOR)
        self._library.in_place(plugin)
        await self._require_package(plugin, package)
        return await self._start(caller, UninstallPackage(plugin, package))

    async def _start(self, caller: Caller, command: Command) -> Operation:
        return await self._operations.start(caller, keeper(self._inventory.statuses()), command)

    def _require_bringable(self, caller: Caller, plugin: str, *, upgrade: bool) -> None:
        require(caller, Level.ADMINISTRATOR)
        if plugin not in self._library.index:
            raise NoSuchPlugin(f"'{plugin}'")
        require_fitting(plugin, upgrade=upgrade, there=plugin in self._library.installed)
        self._require_server()

    def _require_server(self) -> None:
        if self._parameters.plugin_server is None:
            raise InvalidValue(NO_SERVER)

    async def _require_offered(self, caller: Caller, plugin: str, package: str) -> None:
        require(caller, Level.ADMINISTRATOR)
        if package not in await self._recipes(plugin):
            raise NoSuchPackage("package not found")

    async def _require_package(self, plugin: str, package: str) -> None:
        if all(one.id != package for one in await self._packages.installed_packages(plugin)):
            raise NoSuchPackage(f"'{package}'")

    async def _recipes(self, plugin: str) -> dict[str, Recipe]:
        self._library.in_place(plugin)
        return await self._packages.recipes(plugin)

    def _described(self, recipe: Recipe) -> dict[str, Any]:
        names = {f"description_{locale}": text for locale, text in recipe.descriptions.items()}
        told = localized({"description": recipe.description, **names}, self._parameters.locale)
        return {"version": recipe.version, **told, "dsize": recipe.size}

    def _listing(self, name: str, entries: Iterable[dict[str, Any]]) -> Listing:
        """A list in the language of the locale, made anew only when something has changed."""
        locale = self._parameters.locale
        key = (self._library.edition, locale)
        if name not in self._made or self._made[name][0] != key:
            ids = self._library.index if name == "installable" else self._library.installed
            told = {id: localized(entry, locale) for id, entry in zip(ids, entries, strict=True)}
            self._made[name] = (key, _listed(told))
        return self._made[name][1]


def _listed(entries: dict[str, dict[str, Any]]) -> Listing:
    return Listing(sha256(msgspec.json.encode(entries)).hexdigest()[:32], entries)
