"""How long what a peer says may be, and how much of it is kept; numbers of things are bounded where they are."""

MAX_MESSAGE = 32 * 1024
"""Longest message that is taken, in bytes; a request beyond it is answered 513 (RFC 3261 21.5.7)."""

MAX_KEPT = 16 * 1024
"""Most that a call keeps of its INVITE, and again of its answer, in characters: the longest of RFC 4475 fits."""

MAX_SAID = 4 * 1024
"""Longest provisional answer that is kept for repetitions of its INVITE, in bytes."""

MAX_OPEN = 16 * 1024 * 1024
"""Most that is kept of all transactions without a final answer, in characters."""

MAX_REMEMBERED = 16 * 1024 * 1024
"""Most that is kept of all INVITEs that are over, in characters."""
