"""A server of the demo's own: on free ports, with a directory that is gone afterwards."""

import asyncio
import secrets
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from busyout.cli.credentials import ADMIN, Target
from busyout.cli.exits import CommandError, Exit

READY_WITHIN = 30.0
"""Seconds that the server has to get ready."""

STOP_WITHIN = 20.0
"""Seconds that it has to stop before it is killed."""

ESTATE = """[server]
listen = "127.0.0.1:{http}"
data = "data"
stop_engines = true

[faces.mediant]
element = "{element}"

[[elements]]
name = "{element}"
kind = "sbc"
driver = "proxy"
retry_after = 5

[elements.configuration]
interface = [{{ index = 0, name = "sip", address = "127.0.0.1", port = {sip} }}]
trunk_set = [{{ index = 0, name = "carrier" }}]
trunk = [{{ index = 0, trunk_set = "carrier", address = "127.0.0.1", port = {trunk} }}]
peer = [{{ index = 0, name = "users" }}, {{ index = 1, name = "trunk", trunk_set = "carrier" }}]
classification = [{{ index = 0, name = "everyone", peer = "users" }}]
route = [{{ index = 0, name = "out", peer = "trunk" }}]
"""


@asynccontextmanager
async def own_server(element: str, environ: Mapping[str, str]) -> AsyncIterator[Target]:
    """Start a server with one SBC, and stop both at the end.

    Raises:
        CommandError: It did not get ready; the message says why.
    """
    with tempfile.TemporaryDirectory(prefix="busyout-demo-") as directory:
        home = Path(directory)
        http, (sip, trunk) = _free_ports(socket.SOCK_STREAM, 1)[0], _free_ports(socket.SOCK_DGRAM, 2)
        file = home / "busyout.toml"
        file.write_text(ESTATE.format(element=element, http=http, sip=sip, trunk=trunk), "utf-8")
        target = Target(f"http://127.0.0.1:{http}", ADMIN, secrets.token_urlsafe(12))
        kept = {name: value for name, value in environ.items() if not name.startswith("BUSYOUT_")}
        with (home / "server.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "busyout", "serve", "--config", str(file)),
                env=kept | {"BUSYOUT_ADMIN_PASSWORD": target.password},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            await _ready(target.server, process, home / "server.log")
            yield target
        finally:
            await _stop(process)


async def _ready(server: str, process: asyncio.subprocess.Process, log: Path) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + READY_WITHIN
    async with aiohttp.ClientSession(server, timeout=aiohttp.ClientTimeout(2.0)) as http:
        while loop.time() < deadline and process.returncode is None:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with http.get("/readyz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.1)
    words = "\n  ".join(["the server of the demo did not start; its last words:", *_last_lines(log)])
    raise CommandError(Exit.UNREACHABLE, words)


def _last_lines(log: Path) -> list[str]:
    return log.read_text("utf-8", "replace").strip().splitlines()[-3:]


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_ports(kind: socket.SocketKind, number: int) -> list[int]:
    """Ports of loopback that nobody has; held together, so that they differ."""
    held = [socket.socket(socket.AF_INET, kind) for _ in range(number)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()
