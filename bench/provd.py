"""What the promises of the provd face share: a real server, a repository of 114 plug-ins, and wrk against both sides.

Rates of the incumbent are recorded ones, not of this run: wazo-provd 5dde984, no authentication, two cores, 2026.
"""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import aiohttp
from tests.client import Answer
from tests.faces.provd.repository import Server as Repository
from tests.faces.provd.repository import served
from tests.live.server import PASSWORD, Server

from bench.outcome import CannotMeasure, spread
from bench.processes import cpu_seconds
from bench.status import AUTHORIZATION, Target, bare

INSTALL: Final = "/provd/pg_mgr/install"
PLUGINS: Final = 114
ROUNDS: Final = 5
SECONDS: Final = 1
"""Length of one turn."""

SETTINGS: Final = '[[elements]]\nname = "provisioning"\nkind = "provisioning"\ndriver = "inside"\n'


@dataclass(frozen=True, slots=True)
class House:
    """A server with its repository, and a client of its provd face."""

    server: Server
    repository: Repository
    http: aiohttp.ClientSession

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """An answer, read whole."""
        given: dict[str, Any] = {} if body is None else {"json": body}
        async with self.http.request(method, self.server.url + path, headers=headers, **given) as response:
            answer = Answer(response.status, by_name(response.headers), await response.read())
        assert answer.status < 400, answer
        return answer

    async def done(self, path: str, body: object) -> str:
        """Have something done; the address of its operation in progress."""
        location = (await self.ask("POST", path, body)).headers["location"]
        told = (await self.ask("GET", location, Prefer="wait=30")).json()
        assert "success" in told["status"], told
        return location

    def target(self, path: str) -> Target:
        """A resource as something that wrk asks for."""
        assert self.server.process is not None
        return Target(self.server.url + path, self.server.process.pid)


def by_name(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by name in lower case."""
    return {name.lower(): value for name, value in headers.items()}


@asynccontextmanager
async def house(home: Path) -> AsyncIterator[House]:
    """A server that knows its repository, which offers nothing yet."""
    async with served(home / "repository") as repository:
        server = Server(home, SETTINGS)
        headers = {"Authorization": aiohttp.encode_basic_auth("admin", PASSWORD)}
        async with aiohttp.ClientSession(headers=headers) as http:
            try:
                await server.start()
                made = House(server, repository, http)
                value = {"param": {"value": repository.site.url}}
                await made.ask("PUT", "/provd/configure/plugin_server", value)
                yield made
            finally:
                await server.stop()


def listed() -> bytes:
    """An index whose list is as long as that of the incumbent's plug-ins: 170 kB."""
    capabilities = {f"Acme, Phone {number}, 1.2.3": {"lines": 6, "protocol": "sip"} for number in range(25)}
    entry = {
        "capabilities": capabilities,
        "description": "Plug-in for telephones of many models.",
        "description_fr": "Greffon pour des postes.",
        "version": "1.0",
        "dsize": 9394,
        "filename": "acme-1.0.tar.bz2",
        "sha1sum": "0" * 40,
    }
    return json.dumps({f"acme-{number:03}": entry for number in range(PLUGINS)}).encode()


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of wrk has shown."""

    rate: float
    """Requests per second."""
    cpu: float
    """Processor time of the server per request, in microseconds."""


async def turn(target: Target, *headers: str) -> Turn:
    """Ask over 64 connections."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise CannotMeasure("needs wrk (Debian: wrk), which is not installed")
    before = cpu_seconds(target.pid)
    given = [word for header in (f"Authorization: {AUTHORIZATION}", *headers) for word in ("-H", header)]
    words = [wrk, "-t1", "-c64", f"-d{SECONDS}s", *given, target.url]
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    told = (await process.communicate())[0].decode()
    spent = cpu_seconds(target.pid) - before
    count, rate = re.search(r"(\d+) requests in", told), re.search(r"Requests/sec: +([\d.]+)", told)
    assert count and rate and "Non-2xx" not in told and "Socket errors" not in told, told
    return Turn(float(rate[1]), 1e6 * spent / int(count[1]))


@dataclass(frozen=True, slots=True)
class Comparison:
    """A resource of ours against a bare application that answers with the same bytes."""

    ratios: list[float]
    rate: float
    bare_rate: float
    cpu: float
    bare_cpu: float

    @property
    def ratio(self) -> float:
        """Of the rates, the middle one of all rounds."""
        return median(self.ratios)

    def __str__(self) -> str:
        return (
            f"{spread(self.ratios)} of a bare application; {self.rate:,.0f}/s against {self.bare_rate:,.0f}/s; "
            f"processor {self.cpu:.0f} µs against {self.bare_cpu:.0f} µs a request"
        )


def told_of(answer: Answer) -> list[str]:
    """The headers of an answer that are ours and not the HTTP server's."""
    by_the_server = ("date", "server", "content-length")
    return [f"{name}={value}" for name, value in answer.headers.items() if name not in by_the_server]


async def compared(made: House, path: str) -> Comparison:
    """Ask ours and the bare application in turns, with credentials."""
    ours, answer = made.target(path), await made.ask("GET", path)
    async with bare(answer.body, *told_of(answer)) as theirs:
        await turn(theirs), await turn(ours)
        rounds = [(await turn(theirs), await turn(ours)) for _ in range(ROUNDS)]
    turns = [*zip(*rounds, strict=True)]
    rates = [median(one.rate for one in side) for side in turns]
    cpus = [median(one.cpu for one in side) for side in turns]
    return Comparison([own.rate / peer.rate for peer, own in rounds], rates[1], rates[0], cpus[1], cpus[0])
