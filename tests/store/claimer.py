"""A process that claims without end and says what was acknowledged: `claimer.py URL WORKERS`."""

import asyncio
import sys
from itertools import count

from msgspec.structs import replace
from tests.keys import KEYS
from tests.store.making import RECORD, key, operation

from busyout.store import Store, open_store


async def claim(store: Store, worker: int) -> None:
    """Claim one element after another; a line for each that is acknowledged."""
    for number in count():
        claimed = operation(f"element-{worker}-{number}", id=f"{worker}-{number}")
        audit = replace(RECORD, subject=claimed.id)
        await store.operations.claim(claimed, key=key(claimed.id), audit=audit)
        sys.stdout.write(f"{claimed.id}\n")
        sys.stdout.flush()


async def main(url: str, workers: int) -> None:
    """Several at a time share their commits."""
    store = open_store(url, KEYS)
    async with asyncio.TaskGroup() as tasks:
        for worker in range(workers):
            tasks.create_task(claim(store, worker))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
