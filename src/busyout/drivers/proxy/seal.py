"""What the proxy writes into messages to know its own again, without remembering them. No I/O.

A branch is a keyed hash over what identifies the request's previous hop: a retransmission, its CANCEL and its ACK
get the same one, and an answer is only passed on when its next Via fits. A dialog mark in the Record-Route is a keyed
hash over the Call-ID: who brings it back is in a call that was let in once, even if this process never saw it.
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

KEY_BYTES = 32


class Seal:
    """Keyed hashes of one element; the key outlives the process, or calls would not."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    def branch(self, hop: Via, call_id: str, cseq: int, interface: int) -> str:
        """The branch of a request that came from `hop` by the interface of that index."""
        known = hop.parameters
        text = (
            f"{hop.host}|{hop.port}|{known.get('branch')}|{known.get('received')}|{known.get('rport')}"
            f"|{call_id}|{cseq}|{interface}"
        )
        return f"{PREFIX}p{interface}.{self._hash(text, 12)}"

    def mark(self, call_id: str) -> str:
        """The dialog mark of a call."""
        return self._hash(f"mark|{call_id}", 8)

    def marked(self, call_id: str, mark: str) -> bool:
        """Whether a mark was made by us for that call."""
        return compare_digest(self.mark(call_id).encode(), mark.encode("latin-1", "replace"))

    def tag(self, branch: str) -> str:
        """The To tag of our own answer to the request of that branch: always the same one."""
        return f"{TAG_PREFIX}{self._hash('tag|' + branch, 8)}"

    def _hash(self, text: str, size: int) -> str:
        return blake2b(text.encode("latin-1", "replace"), key=self.key, digest_size=size).hexdigest()


def interface_of(branch: str) -> int | None:
    """The interface that the request of one of our proxied branches came by; None when it is not such a branch."""
    if not branch.startswith(PREFIX + "p"):
        return None
    digits = branch[len(PREFIX) + 1 :].partition(".")[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
