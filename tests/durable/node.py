"""A server reduced to its operations: `node.py STORE_URL HOME OPERATION…`, to be killed or ended by SIGTERM.

Prints `open` when it works, and `closed` when it has closed.
"""

import asyncio
import signal
import sys
from pathlib import Path

from tests.durable.journal import Journal

from busyout.durable import DbosOperations


def say(word: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def serve(store_url: str, home: Path, started: list[str]) -> None:
    """Start operations, which are all held, and wait for SIGTERM."""
    term = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, term.set)
    operations = DbosOperations(store_url)
    await operations.open(Journal(home, holding=True).advance)
    for operation in started:
        await operations.start(operation)
    say("open")
    await term.wait()
    await operations.close()
    say("closed")


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
