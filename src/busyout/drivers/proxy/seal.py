"""What the proxy writes into messages to know its own again, without remembering them. No I/O.

A branch is a keyed hash over what identifies the request's previous hop: a retransmission, its CANCEL and its ACK
get the same one, and an answer is only passed on when its next Via fits. A dialog mark in the Record-Route is an hour
and a keyed hash over it and the Call-ID: who brings it back is in a call that was let in then, even if this process
never saw it.
"""

from hashlib import blake2b
from hmac import compare_digest

from busyout.drivers.proxy.grammar import Via

PREFIX = "z9hG4bKbo"
"""What every branch of ours begins with; then `p` (proxied), `c` (our own requests) or `k` (keep-alive)."""

TAG_PREFIX = "bo"
"""What every To tag of ours begins with."""

MARK = "bo"
"""Name of the Record-Route parameter that carries the dialog mark."""

HOUR = 3600.0
"""Seconds that marks are told apart by."""

KEY_BYTES = 32


class Seal:
    """Keyed hashes of one element; the key outlives the process, or calls would not."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    def branch(self, hop: Via, call_id: str, cseq: int, interface: int) -> str:
        """The branch of a request that came from `hop` by the interface of that index."""
        known = hop.parameters
        names = (known.get("branch"), known.get("received"), known.get("rport"))
        return f"{PREFIX}p{interface}.{self._hash((hop.host, hop.port, *names, call_id, cseq, interface), 12)}"

    def mark(self, call_id: str, moment: float) -> str:
        """The dialog mark of a call, made at a moment in seconds since the epoch."""
        return self._mark(call_id, f"{int(moment / HOUR):x}")

    def marked_at(self, call_id: str, mark: str) -> float | None:
        """Since when a mark of ours for that call holds, in seconds since the epoch; None when it is none of ours."""
        made = mark.partition(".")[0]
        ours = compare_digest(self._mark(call_id, made).encode("latin-1", "replace"), mark.encode("latin-1", "replace"))
        return int(made, 16) * HOUR if ours else None

    def _mark(self, call_id: str, made: str) -> str:
        return f"{made}.{self._hash(('mark', made, call_id), 8)}"

    def tag(self, branch: str) -> str:
        """The To tag of our own answer to the request of that branch: always the same one."""
        return f"{TAG_PREFIX}{self._hash(('tag', branch), 8)}"

    def _hash(self, parts: tuple[object, ...], size: int) -> str:
        text = "\n".join(map(str, parts))  # no part has a line end, so that none can pass for two
        return blake2b(text.encode("latin-1", "replace"), key=self.key, digest_size=size).hexdigest()


def interface_of(branch: str) -> int | None:
    """The interface that the request of one of our proxied branches came by; None when it is not such a branch."""
    if not branch.startswith(PREFIX + "p"):
        return None
    digits = branch[len(PREFIX) + 1 :].partition(".")[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
