"""Where plug-ins are kept: verified, unpacked apart, switched into place at once."""

from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct


class InstalledPlugin(Struct, frozen=True):
    """A plug-in that is in place."""

    id: str
    version: str
    info: dict[str, Any]
    """Its `plugin-info`, whole."""


class InstalledPackage(Struct, frozen=True):
    """A package of a plug-in that is in place."""

    id: str
    version: str
    description: str
    files: tuple[str, ...]
    """Paths below the plug-in's `var/tftpboot`."""


class Expected(Struct, frozen=True):
    """What a file has to be."""

    sha1: str
    """Lower-case hex."""
    sha256: str | None = None
    """None where nobody has told it."""
    size: int | None = None
    """Bytes; None where nobody has told it."""


class Trust(Protocol):
    """Judges files before they are used, those that were fetched earlier too."""

    @property
    def signed(self) -> bool:
        """Whether a key is configured: the index and each package then need `<name>.sig` beside them."""

    async def check_index(self, index: Path, *, name: str = "plugins.db") -> None:
        """Check the signature of an index, where signatures are required; `name` is its name in the repository.

        Raises:
            NotTrusted: There is no signature, or it is not of the configured key, or of another file.
        """

    async def check_package(self, archive: Path, expected: Expected, *, name: str) -> None:
        """Check size, digests and, where required, the signature of a plug-in's package.

        Raises:
            NotTrusted: It is not that package, or not there.
        """

    async def check_file(self, file: Path, expected: Expected) -> None:
        """Check size and digests of a file that carries no signature of its own.

        Raises:
            NotTrusted: It is not that file, or not there.
        """


class Shelf(Protocol):
    """Plug-in directories."""

    async def installed(self) -> tuple[InstalledPlugin, ...]:
        """Every plug-in in place, by id. A directory that is none breaks nothing: it is left out and logged."""

    async def place(self, plugin: str, archive: Path, *, version: str) -> None:
        """Unpack an archive apart, check it, and make it the plug-in, in one switch; the operator's own files are kept.

        Idempotent. Whatever fails, what was there before is there unchanged.

        Raises:
            UnsafeArchive: It would leave its directory, follow a link, or exceed a bound; or is no plug-in of that id.
            NotStored: The disk is full, or refuses.
        """

    async def restore(self, plugin: str) -> None:
        """Take back the last `place` or `remove`, if there is something to take back. Idempotent."""

    async def settle(self, plugin: str) -> None:
        """Forget what `restore` would bring back. Idempotent."""

    async def remove(self, plugin: str) -> None:
        """Take a plug-in away, the operator's own templates and firmware kept aside for a later `place`. Idempotent."""


class PackageShelf(Protocol):
    """The packages of plug-ins."""

    async def recipes(self, plugin: str) -> dict[str, Any]:
        """The packages that a plug-in offers, by id, as `domain.recipe.Recipe`.

        Raises:
            NoSuchPlugin: It is not in place.
            InvalidRecipe: Its package files cannot be read; the message says where.
        """

    async def installed_packages(self, plugin: str) -> tuple[InstalledPackage, ...]:
        """The packages of a plug-in that are in place."""

    async def cache(self, plugin: str) -> Path:
        """The directory that downloads of a plug-in's packages go to."""

    async def install_package(self, plugin: str, package: str) -> InstalledPackage:
        """Run the filters of a recipe on its verified, downloaded files and put the result in place. Idempotent.

        Raises:
            NoSuchPlugin, NoSuchPackage: There is none of that id.
            NotTrusted: A downloaded file is not there, or is not the one that the recipe means.
            UnsafeArchive, InvalidRecipe, FilterFailed: Nothing was put in place; the message says which filter and why.
            NotStored: The disk is full, or refuses.
        """

    async def uninstall_package(self, plugin: str, package: str) -> None:
        """Take away what the package put in place. Idempotent."""
