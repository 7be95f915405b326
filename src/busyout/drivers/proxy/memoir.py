"""What one process tells the one that takes over from it. No I/O."""

from msgspec import Struct

from busyout.drivers.proxy.calls import Call, Transaction
from busyout.drivers.proxy.ending import Ending, Orphan, Pending
from busyout.drivers.proxy.memories import Memory
from busyout.drivers.proxy.state import State
from busyout.drivers.proxy.trunks import TrunkState, TrunkTable


class Memoir(Struct):
    """All that a process knows of its traffic. Its monotonic times hold for every process of the machine."""

    calls: list[Call]
    transactions: list[Transaction]
    memories: list[Memory]
    pending: list[Pending]
    orphans: list[Orphan]
    trunks: list[TrunkState]
    counters: dict[str, int]
    admitted: int
    began: float = 0.0
    """Since when every INVITE that was let in is known."""


def write_memoir(state: State, ending: Ending, trunks: TrunkTable) -> Memoir:
    """All that is known."""
    return Memoir(
        calls=list(state.calls),
        transactions=list(state.transactions),
        memories=list(state.memories),
        pending=list(ending.pending.values()),
        orphans=list(ending.orphans.values()),
        trunks=trunks.snapshot(),
        counters=state.counters,
        admitted=state.admitted,
        began=state.began or 0.0,
    )


def read_memoir(memoir: Memoir, state: State, ending: Ending, trunks: TrunkTable) -> None:
    """Go on where another process left off."""
    for call in memoir.calls:
        state.calls.add(call)
    for transaction in memoir.transactions:
        state.transactions.open(transaction)
    for memory in memoir.memories:
        state.memories.keep(memory)
    ending.restore(memoir.pending, memoir.orphans)
    trunks.restore(memoir.trunks)
    state.counters.update(memoir.counters)
    state.admitted = memoir.admitted
    state.began = memoir.began
