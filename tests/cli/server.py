"""A real server for the commands of one run of the tests, and the real command line against it."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

SETTINGS = """
[faces.mediant]
element = "edge"

[[elements]]
name = "edge"
kind = "sbc"
driver = "simulated"

[elements.configuration]
interface = [{ index = 0, name = "sip", address = "127.0.0.1", port = 5060 }]
trunk_set = [{ index = 0, name = "carrier" }]
trunk = [{ index = 0, trunk_set = "carrier", address = "127.0.0.1", port = 5080 }]
peer = [{ index = 0, name = "trunk", trunk_set = "carrier" }]
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of the command line."""

    code: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """Standard output by lines."""
        return self.out.splitlines()


def clean_environment(**more: str) -> dict[str, str]:
    """The environment of this process without what would steer the program."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BUSYOUT_")} | more


def busyout(*arguments: str, given: str = "", **environ: str) -> Ran:
    """Run the command line in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "busyout", *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        env=clean_environment(**environ),
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@dataclass(slots=True)
class Served:
    """A server in a process of its own."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path
    data: Path
    """Its data directory, with the password of the first start."""

    def run(self, *arguments: str) -> Ran:
        """Run the command line against it, in a process of its own."""
        return busyout(*arguments, "--server", self.url, "--data", str(self.data))

    def wait_ready(self) -> None:
        """Wait until it says in its log that it is ready, or ends; the bound is there for one that does neither."""
        output = self.process.stdout
        assert output is not None
        ready = threading.Event()
        threading.Thread(target=keep, args=(output, self.log, ready), daemon=True).start()
        assert ready.wait(60), self.log.read_text("utf-8", "replace")
        assert self.process.poll() is None, self.log.read_text("utf-8", "replace")


def keep(output: IO[bytes], log: Path, ready: threading.Event) -> None:
    """Write down what a server says as long as it runs; when it is ready, or has ended, tell."""
    with log.open("wb", buffering=0) as kept:
        for line in output:
            kept.write(line)
            if b'"event":"ready"' in line:
                ready.set()
    ready.set()
