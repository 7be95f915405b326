"""The UDP side of our caller and answerer: a socket, and the transactions of RFC 3261 over it."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Self, TypeVar, cast

from busyout.drivers.proxy.agent_messages import Address, branch_of, method_of, return_address
from busyout.drivers.proxy.message import NotSip, Request, Response, parse

T1 = 0.5
"""Seconds before the first retransmission (RFC 3261, 17.1.1.1)."""

SLOWEST = 8
"""Most T1 between two retransmissions of anything but an INVITE: T2 is 4 s where T1 is 0.5 s."""

TRIES_FOR = 64
"""A transaction is given up after so many T1."""

LONGEST_RING = 180.0
"""Seconds after a provisional answer in which an INVITE must be answered."""

REMEMBERED = 20_000
"""Most transactions whose answer is kept for a retransmission."""

K = TypeVar("K")
V = TypeVar("V")


class NoAnswer(Exception):
    """Nobody answered in time."""


class Endpoint(asyncio.DatagramProtocol):
    """A UDP socket that retransmits requests until they are answered and repeats its answers when asked again."""

    def __init__(self, on_request: Callable[[Request, Address], None], *, t1: float = T1, lose_every: int = 0) -> None:
        self.t1 = t1
        self.retransmissions = 0
        self._on_request = on_request
        self._lose_every = lose_every
        """One of so many datagrams is not sent, so that retransmission can be seen; 0 for none."""
        self._sent = 0
        self._closed = asyncio.Event()
        self._waiting: dict[tuple[str, str], asyncio.Queue[Response]] = {}
        self._acknowledged: OrderedDict[str, tuple[bytes, Address]] = OrderedDict()
        self._answered: OrderedDict[tuple[str, str], tuple[bytes, Address] | None] = OrderedDict()
        """Answers by transaction; None while the owner has not answered."""

    @classmethod
    async def open(
        cls,
        on_request: Callable[[Request, Address], None],
        address: Address,
        *,
        t1: float = T1,
        lose_every: int = 0,
    ) -> Self:
        """Take an address; port 0 takes a free one.

        Raises:
            OSError: It is taken.
        """
        loop = asyncio.get_running_loop()
        _, endpoint = await loop.create_datagram_endpoint(
            lambda: cls(on_request, t1=t1, lose_every=lose_every), local_addr=address
        )
        return endpoint

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.address: Address = transport.get_extra_info("sockname")[:2]

    def connection_lost(self, exc: Exception | None) -> None:
        """The address is free again."""
        del exc
        self._closed.set()

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Hand a response to the transaction that waits for it, and a new request to the owner."""
        try:
            message = parse(data)
        except NotSip:
            return
        key = (branch_of(message), method_of(message))
        if isinstance(message, Response):
            self._respond(message, key)
        elif isinstance(message, Request):
            self._serve(message, addr, key)

    def send(self, data: bytes, to: Address) -> None:
        """Send a datagram."""
        self._sent += 1
        if not self._lose_every or self._sent % self._lose_every:
            self._transport.sendto(data, to)

    def answer(self, request: Request, data: bytes, source: Address) -> None:
        """Answer a request that came from `source`, and again whenever it is retransmitted."""
        datagram = (data, return_address(request, source))
        _remember(self._answered, (branch_of(request), request.method), datagram)
        self.send(*datagram)

    def acknowledge(self, branch: str, data: bytes, to: Address) -> None:
        """Send the ACK for the INVITE of that branch, and again whenever its final answer is retransmitted."""
        _remember(self._acknowledged, branch, (data, to))
        self.send(data, to)

    async def exchange(self, data: bytes, to: Address, *, branch: str, method: str) -> Response:
        """Send a request until it has a final answer, and return that.

        Raises:
            NoAnswer: There was none in time.
        """
        answers: asyncio.Queue[Response] = asyncio.Queue()
        self._waiting[branch, method] = answers
        try:
            return await self._until_final(data, to, answers, invite=method == "INVITE")
        finally:
            del self._waiting[branch, method]

    async def close(self) -> None:
        """Give the address back."""
        self._transport.close()
        await self._closed.wait()

    async def _until_final(
        self, data: bytes, to: Address, answers: asyncio.Queue[Response], *, invite: bool
    ) -> Response:
        loop = asyncio.get_running_loop()
        interval, provisional = self.t1, False
        deadline = loop.time() + TRIES_FOR * self.t1
        self.send(data, to)
        while True:
            left = deadline - loop.time()
            try:
                async with asyncio.timeout(left if provisional and invite else min(interval, left)):
                    answer = await answers.get()
            except TimeoutError:
                if loop.time() >= deadline:
                    raise NoAnswer from None
                self._repeat((data, to))
                interval = interval * 2 if invite else min(interval * 2, SLOWEST * self.t1)
                continue
            if answer.status >= 200:
                return answer
            if invite and not provisional:
                deadline = loop.time() + LONGEST_RING
            provisional = True

    def _serve(self, message: Request, source: Address, key: tuple[str, str]) -> None:
        if key not in self._answered:
            if message.method != "ACK":
                _remember(self._answered, key, None)
            self._on_request(message, source)
        elif (datagram := self._answered[key]) is not None:
            self._repeat(datagram)

    def _respond(self, message: Response, key: tuple[str, str]) -> None:
        if key in self._waiting:
            self._waiting[key].put_nowait(message)
        elif key[1] == "INVITE" and message.status >= 200 and key[0] in self._acknowledged:
            self._repeat(self._acknowledged[key[0]])

    def _repeat(self, datagram: tuple[bytes, Address]) -> None:
        self.retransmissions += 1
        self.send(*datagram)


def _remember(memory: OrderedDict[K, V], key: K, value: V) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > REMEMBERED:
        memory.popitem(last=False)
