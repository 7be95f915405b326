"""The peer of the creation of profiles: `python -m bench.ucs_store HOME TURN SECONDS` hands customers to a store.

It prints how many the store keeps per second, 64 at once, and the microseconds of processor time for each.
"""

import asyncio
import itertools
import sys
import time
from pathlib import Path
from secrets import randbelow
from typing import Final

import uvloop

from bench.ucs import KEY, profile
from busyout.domain.audit import AuditRecord
from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.customer import RANDOM, Customer, customer_id
from busyout.domain.context.schema import UNNUMBERED, IdentificationKey, Schemas
from busyout.domain.mode import Mode
from busyout.server.memory import collect_seldom
from busyout.store import Store, open_store

AT_ONCE: Final = 64


async def kept(home: Path, turn: int, seconds: float) -> tuple[float, float]:
    """Customers per second, and microseconds of processor time for each."""
    store = open_store(f"sqlite:///{home}/busyout.db", home / "sealing-key")
    try:
        schemas = await _schemas(store)
        numbers = itertools.count(turn * 1_000_000)
        begun, spent = time.perf_counter(), time.process_time()
        async with asyncio.TaskGroup() as tasks:
            done = [tasks.create_task(_keep(store, schemas, numbers, begun + seconds)) for _ in range(AT_ONCE)]
        count, spent = sum(task.result() for task in done), time.process_time() - spent
        return count / (time.perf_counter() - begun), 1e6 * spent / count
    finally:
        await store.close()


async def _schemas(store: Store) -> Schemas:
    """With the key; the mode is production."""
    row = await store.modes.open(Mode.MAINTENANCE)
    if row.mode is Mode.MAINTENANCE:
        key = IdentificationKey(UNNUMBERED, "ByPhone", "profile", ("PhoneNumber",), bool(KEY["unique"]))
        await store.context_keys.finish_key((await store.context_keys.begin_key(key)).id)
        begun = await store.modes.begin(Mode.PRODUCTION, operation="bench", deadline=None)
        await store.modes.commit(begun, others=frozenset())
    core = tuple(Attribute(name, AttributeType.STRING) for name in profile(0))
    return Schemas(core, keys=(await store.context_schemas.read()).keys)


async def _keep(store: Store, schemas: Schemas, numbers: "itertools.count[int]", until: float) -> int:
    """Keep one customer after the other; how many."""
    count = 0
    while time.perf_counter() < until:
        now, attributes = time.time(), profile(next(numbers))
        customer = Customer(customer_id(now, randbelow(RANDOM)), dict(attributes), {})
        after = {"attributes": sorted(attributes), "extensions": []}
        await store.customers.add(customer, schemas, audit=_record(now, customer.id, after))
        count += 1
    return count


def _record(now: float, id: str, after: object) -> AuditRecord:
    return AuditRecord(now, "admin", "ucs", "127.0.0.1", "customer.create", id, after=after)


if __name__ == "__main__":
    collect_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(*runner.run(kept(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
