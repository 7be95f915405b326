"""What became of INVITEs that are over, while they may come again. No I/O; times as in `calls`."""

from collections.abc import Iterator

from msgspec import Struct

from busyout.drivers.proxy.bounds import MAX_REMEMBERED
from busyout.drivers.proxy.replies import Address

MEMORY_SECONDS = 32.0
"""How long a finished INVITE is remembered: as long as its sender may retransmit it."""

MAX_MEMORIES = 20_000
"""Most finished INVITEs that are remembered."""


class Memory(Struct):
    """What became of an INVITE, kept while retransmissions of it may come."""

    branch: str
    call_id: str
    expires: float
    number: int
    """Admission order of the call; 0 when it was refused."""
    uri: str
    hop: Address | None
    """Where it had been sent; None when it was refused."""
    interface: int
    status: int = 0
    """Of our own refusal, or of the callee's; 0 when there was none."""
    reason: str = ""
    """Of our own refusal."""
    from_tag: str = ""
    """Of the caller; empty when it was refused by us."""
    cseq: int = 0
    settled: bool = False
    """Whether its caller has its final answer, or gets it from us again and again: a repetition is not passed on."""

    @property
    def weight(self) -> int:
        """What is kept of it, in characters."""
        return len(self.branch) + len(self.call_id) + len(self.uri) + len(self.reason) + len(self.from_tag)


class Memories:
    """Finished INVITE transactions, by branch and by Call-ID, oldest first."""

    def __init__(self) -> None:
        self._by_branch: dict[str, Memory] = {}
        self._by_call: dict[str, Memory] = {}
        self._weight = 0

    def __iter__(self) -> Iterator[Memory]:
        return iter(self._by_branch.values())

    def keep(self, memory: Memory) -> None:
        """Remember; the oldest ones are forgotten when they are too many or too much."""
        self.forget(memory.branch)
        self._weight += memory.weight
        while self._by_branch and (len(self._by_branch) >= MAX_MEMORIES or self._weight > MAX_REMEMBERED):
            self.forget(next(iter(self._by_branch)))
        self._by_branch[memory.branch] = memory
        if memory.hop is not None:
            self._by_call[memory.call_id] = memory

    def of_branch(self, branch: str) -> Memory | None:
        """What became of one INVITE."""
        return self._by_branch.get(branch)

    def of_call(self, call_id: str) -> Memory | None:
        """What became of the last admitted INVITE of a Call-ID."""
        return self._by_call.get(call_id)

    def forget(self, branch: str) -> None:
        """Forget one INVITE."""
        memory = self._by_branch.pop(branch, None)
        if memory is None:
            return
        self._weight -= memory.weight
        if self._by_call.get(memory.call_id) is memory:
            del self._by_call[memory.call_id]

    def expire(self, now: float) -> None:
        """Forget those whose time is over."""
        while self._by_branch:
            oldest = next(iter(self._by_branch.values()))
            if oldest.expires > now:
                return
            self.forget(oldest.branch)
