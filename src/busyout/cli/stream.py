"""Server-sent events as bytes come in: no I/O."""

import msgspec

from busyout.wire.native import Event

MAX_LINE = 4_000_000
"""Longest line that is kept, in bytes."""


class EventReader:
    """Turns the bytes of a `text/event-stream` into events; comments, which keep the line alive, give none."""

    def __init__(self) -> None:
        self._buffer = b""
        self._data: list[bytes] = []

    def feed(self, data: bytes) -> list[Event]:
        """The events that are complete with these bytes.

        Raises:
            ValueError: That is not our event stream.
        """
        *lines, self._buffer = (self._buffer + data).replace(b"\r\n", b"\n").split(b"\n")
        if len(self._buffer) > MAX_LINE:
            raise ValueError("a line of the event stream does not end")
        return [event for line in lines for event in self._line(line)]

    def _line(self, line: bytes) -> list[Event]:
        if line:
            field, _, value = line.partition(b":")
            if field == b"data":
                self._data.append(value.removeprefix(b" "))
            return []
        data, self._data = b"\n".join(self._data), []
        try:
            return [msgspec.json.decode(data, type=Event)] if data else []
        except msgspec.DecodeError as wrong:
            raise ValueError(f"an event cannot be read: {wrong}") from wrong
