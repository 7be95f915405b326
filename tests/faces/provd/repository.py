"""A repository of sample plug-ins behind a real HTTP server, whose files can be held back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.drivers.repository.web import Reply, Request, Site, site
from tests.services.repository import SampleRepository


@dataclass
class Server:
    """The repository and where it is served."""

    plugins: SampleRepository
    site: Site
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    """By name of a file: until this is set, only its first half comes."""

    def hold(self, name: str) -> asyncio.Event:
        """Hold a file back from here on."""
        self.held[name] = asyncio.Event()
        return self.held[name]


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Server]:
    """An empty repository."""
    plugins = SampleRepository(folder)
    plugins.publish()
    held: dict[str, asyncio.Event] = {}

    async def answer(request: Request, reply: Reply) -> None:
        name = request.target.rpartition("/")[2]
        file = folder / name
        if not file.is_file():
            await reply.head(404, Content_Length=0)
            return
        content = file.read_bytes()
        await reply.head(200, Content_Length=len(content))
        half = len(content) // 2
        await reply.send(content[:half])
        if name in held:
            await held[name].wait()
        await reply.send(content[half:])

    async with site(answer) as running:
        yield Server(plugins, running, held)
