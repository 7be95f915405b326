"""One connection of a listener: what is no request yet, and what nobody reads, is bounded in bytes and in time."""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

LARGEST_HEAD: Final = 64 * 1024
"""Most bytes of a head, or of trailers, that are taken while they do not end."""

TOLD: Final = 128
"""Connections above the most that there may be which are still told that there are too many."""

PIPELINED: Final = 100
"""Most requests that wait behind another one of their connection; each takes a hundred times its own size in memory."""


class Protocol(HttpToolsProtocol):
    """uvicorn's, with bounds on what is no request yet: it has none for memory or time."""

    _unended = 0
    """Bytes that came since the parser had something to tell."""
    _told = False
    _since: float | None = None
    """When waiting for a request began, by the clock of the loop; None while none is waited for.

    No timer: making one for each request takes longer than routing it.
    """

    _unread = 0
    """Bytes of answers that were not taken at the last look."""
    _read = 0.0
    """When some of them were, or there were none."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; cut where there are too many connections even to be told so."""
        super().connection_made(transport)
        if self.limit_concurrency is not None and len(self.connections) > self.limit_concurrency + TOLD:
            transport.abort()
        self._earlier: list[RequestResponseCycle] = []
        """Requests that were being answered when others came after them; uvicorn knows the last one only."""
        self._since = self._read = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever is answering on this connection."""
        super().connection_lost(exc)
        self._tell()

    def cut(self) -> None:
        """Hang up, whatever is in progress: nobody can say whether it was done."""
        self._tell()
        self.transport.abort()

    def _tell(self) -> None:
        """Let those who are answering know that nobody is there."""
        for cycle in (*self._earlier, self.cycle):
            if cycle is not None:
                cycle.disconnected = True
                cycle.message_event.set()

    def close_if_waiting(self, patience: float) -> None:
        """Close the connection where a request has been waited for for more than so many seconds.

        While one before it is being answered nobody waits for it.
        """
        if self._since is not None and not self._answering() and self.loop.time() - self._since > patience:
            self.transport.close()

    def abort_if_unread(self, patience: float) -> None:
        """Cut the connection where nothing of what was answered has been read for more than so many seconds."""
        unread, before, now = self.transport.get_write_buffer_size(), self._unread, self.loop.time()
        self._unread = unread
        if unread == 0 or unread < before:
            self._read = now
        elif now - self._read > patience:
            self.transport.abort()

    def _answering(self) -> bool:
        """Whether a request that is whole is being answered."""
        last = self.cycle
        return any(not cycle.response_complete for cycle in self._earlier) or (
            last is not None and not last.more_body and not last.response_complete
        )

    def data_received(self, data: bytes) -> None:
        """Take data in pieces; close when a head or trailers do not end."""
        for start in range(0, len(data), LARGEST_HEAD):
            piece = data[start : start + LARGEST_HEAD]
            self._told = False
            super().data_received(piece)
            if self.transport.is_closing():
                return
            self._unended = 0 if self._told else self._unended + len(piece)
            if self._unended > LARGEST_HEAD:
                self.send_400_response("The head of the request is too large.")
                return
        if self._since is None and (self.cycle is None or self.cycle.response_complete):
            self._since = self.loop.time()  # uvicorn has ended its own wait, and this may be all that comes

    def on_message_begin(self) -> None:
        """A request begins; the parser turns an error into a 400 and the end of the connection."""
        if len(self.pipeline) >= PIPELINED:
            raise ValueError("too many requests wait on this connection")
        self._told = True
        super().on_message_begin()
        if self._since is None:
            self._since = self.loop.time()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._told = True
        before = self.cycle
        super().on_headers_complete()
        if before is not None and not before.response_complete:
            self._earlier.append(before)
        elif self._earlier:
            self._earlier.clear()

    def on_body(self, body: bytes) -> None:
        """Some of the body; one that was answered already is still waited for."""
        self._told = True
        if not self.cycle.response_complete:
            self._since = None
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._since = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer is whole: what was begun meanwhile is waited for from now on."""
        super().on_response_complete()
        if self._since is not None:
            self._since = self.loop.time()
