"""What every client of HTTP owes to this server: a bound on what comes before the answer that counts.

aiohttp has none: it takes one answer of 1xx after the other without ever coming back to its loop, so that no time limit
is looked at. Drivers do not know each other, so that what they share is here; it names no library.
"""

from typing import Any, Final

MOST_INTERIM: Final = 32
"""Most answers with a status of 1xx before the one that counts."""

HEAD_PIECE: Final = 4096
"""Bytes that are looked at in one go before the head of the answer is there."""


def bounded(handler: Any, refusal: type[Exception]) -> Any:  # noqa: ANN401 - a class of a library and one made from it
    """A protocol of aiohttp that hangs up with a `refusal` on whom never comes to the point.

    `handler` has `data_received`, which gives what it has read to its own `feed_data` and has `set_exception`.
    """

    class Head(handler):  # type: ignore[misc]
        _interim = 0
        _answered = False

        def feed_data(self, data: Any, size: int = 0) -> None:  # noqa: ANN401 - a message and its body
            """Take the head of an answer; those of 1xx only as long as they are few."""
            self._answered = data[0].code >= 200
            self._interim += not self._answered
            if self._interim <= MOST_INTERIM:
                super().feed_data(data, size)

        def data_received(self, data: bytes) -> None:
            """Take in what comes, in small pieces before the head."""
            while not self._answered and len(data) > HEAD_PIECE and self._interim <= MOST_INTERIM:
                super().data_received(data[:HEAD_PIECE])
                data = data[HEAD_PIECE:]
            if self._interim <= MOST_INTERIM:
                super().data_received(data)
            if self._interim > MOST_INTERIM and self.transport is not None:
                self.set_exception(refusal("too many answers of 1xx"))
                self.transport.close()

    return Head
