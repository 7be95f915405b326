"""What tests of the provd face do again and again."""

import re
from dataclasses import dataclass
from hashlib import sha1
from typing import Any

from tests.client import Answer
from tests.faces.provd.repository import Server
from tests.services.repository import zipped
from tests.world import World

ACME = "acme-phone"

RECIPE = """
[pkg_firmware]
description: Firmware of phones
description_fr: Logiciel des postes
version: 2.0
files: image
install: unpack

[install_unpack]
a-b: unzip $FILE1
b-c: cp *.bin firmware/

[file_image]
url: {url}/firmware.zip
size: {size}
sha1sum: {digest}
"""

INSTALL = "/provd/pg_mgr/install"


@dataclass
class Shop:
    """A world, its repository, and a client of the face."""

    world: World
    server: Server

    def stock(self) -> None:
        """Offer two plug-ins."""
        firmware = zipped(**{"a.bin": b"x" * 5000, "readme": b"read me"})
        self.server.plugins.put("firmware.zip", firmware)
        digest = sha1(firmware).hexdigest()
        packages = RECIPE.format(url=self.server.site.url, size=len(firmware), digest=digest)
        files = {"pkgs/pkgs.db": packages.encode()}
        self.server.plugins.offer(ACME, "1.0", files=files, description_fr="Greffon acme-phone.", vendor="Acmé")
        self.server.plugins.offer("null", "1.1")

    async def ask(self, method: str, path: str, **given: Any) -> Answer:
        """Ask as `admin`; a path without a prefix is below /provd."""
        return await self.world.client.request(method, path, **given)

    async def get(self, path: str, **given: Any) -> Answer:
        """Ask for a resource."""
        return await self.ask("GET", path, **given)

    async def done(self, path: str, body: object) -> str:
        """Have something done and follow it to its end; its last status."""
        started = await self.ask("POST", path, json=body)
        assert started.status == 201, started.text
        return (await self.ended(started.headers["location"]))["status"]

    async def ended(self, location: str) -> dict[str, Any]:
        """An operation in progress at its end."""

        async def over() -> bool:
            status = (await self.get(location)).json()["status"]
            return re.match(r"(\w+\|)?(success|fail)", status) is not None

        await self.world.clock.run_until(over)
        return (await self.get(location)).json()

    async def update(self) -> None:
        """Bring the index."""
        assert (await self.done(f"{INSTALL}/update", {})).startswith("update|success")

    async def install(self, plugin: str = ACME) -> None:
        """Bring the index and a plug-in."""
        await self.update()
        assert (await self.done(f"{INSTALL}/install", {"id": plugin})).startswith("install|success")
