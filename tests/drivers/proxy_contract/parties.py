"""The parties of test calls: one that makes them and some that answer, on UDP ports of the loopback interface."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

from tests.drivers.proxy_contract.messages import Headers, Message, decode, response

Address = tuple[str, int]

RETRANSMIT = 0.5
"""Seconds after which an unanswered request is sent again."""

PATIENCE = 8.0
"""Seconds in which a final answer must come."""


class Party(asyncio.DatagramProtocol):
    """A user agent: answers BYE and OPTIONS, and remembers which calls were ended by the other side."""

    def __init__(self) -> None:
        self.ended: set[str] = set()
        """Call-IDs for which a BYE or a CANCEL arrived."""
        self.ringing: dict[str, Message] = {}
        """By Call-ID: the latest 180 of a call that was made, or the INVITE of one that rings here."""
        self.picks_up = True
        """Whether an INVITE is answered at once; otherwise it rings."""
        self.answers = True
        """Whether anything is answered at all."""
        self.address: Address = ("", 0)
        self._transport: asyncio.DatagramTransport
        self._waiting: dict[str, asyncio.Queue[Message]] = {}

    async def open(self) -> None:
        """Take a port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.address = self._transport.get_extra_info("sockname")

    def close(self) -> None:
        """Give the port back."""
        self._transport.close()

    @property
    def uri(self) -> str:
        """Where this party is."""
        return f"sip:party@{self.address[0]}:{self.address[1]}"

    def send(self, message: Message, to: Address) -> None:
        """Send a datagram."""
        self._transport.sendto(message.encode(), to)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Hand an answer to whoever waits for it; answer a request."""
        message = decode(data)
        if message.status is not None:
            if message.status == 180:
                self.ringing[message["Call-ID"]] = message
            waiting = self._waiting.get(branch(message))
            if waiting is not None:
                waiting.put_nowait(message)
        elif self.answers:
            self.requested(message, addr)

    def requested(self, request: Message, source: Address) -> None:
        """Answer a request that arrived."""
        if request.method == "ACK":
            return
        if request.method in ("BYE", "CANCEL"):
            self.ended.add(request["Call-ID"])
        if request.method == "INVITE" and not self.picks_up:
            self.ringing[request["Call-ID"]] = request
            self.reply(request, "180 Ringing", source)
            return
        self.reply(request, "200 OK", source)
        if request.method == "CANCEL" and request["Call-ID"] in self.ringing:
            self.reply(self.ringing.pop(request["Call-ID"]), "487 Request Terminated", source)

    def reply(self, request: Message, status: str, to: Address) -> None:
        """Answer a request."""
        self.send(response(request, status, tag="party", contact=self.uri), to)

    async def ask(self, request: Message, to: Address) -> Message:
        """Send a request until its final answer comes; the answer."""
        waiting: asyncio.Queue[Message] = asyncio.Queue()
        self._waiting[branch(request)] = waiting
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    self.send(request, to)
                    answer = await self._final(waiting)
                    if answer is not None:
                        return answer
        finally:
            del self._waiting[branch(request)]

    async def _final(self, waiting: asyncio.Queue[Message]) -> Message | None:
        try:
            async with asyncio.timeout(RETRANSMIT):
                while True:
                    answer = await waiting.get()
                    if (answer.status or 0) >= 200:
                        return answer
        except TimeoutError:
            return None


@dataclass(slots=True)
class Dialog:
    """A call that was answered, as its caller sees it."""

    call: str
    target: str
    """Where the other party is."""
    routes: list[str]
    to: str
    cseq: Iterator[int]


class Caller(Party):
    """Makes calls through one proxy."""

    def __init__(self, proxy: Address) -> None:
        super().__init__()
        self.dialogs: dict[str, Dialog] = {}
        self._proxy = proxy
        self._numbers = count(1)

    def new_call(self) -> str:
        """A Call-ID for the next call."""
        return f"{next(self._numbers):04d}-{uuid4().hex}"

    async def invite(self, call: str) -> Message:
        """Offer a call; its final answer, acknowledged. An answered one is in `dialogs` from then on."""
        target = f"sip:callee@{self._proxy[0]}:{self._proxy[1]}"
        invite = self._request("INVITE", target, call=call, to=f"<{target}>", number=1)
        answer = await self.ask(invite, self._proxy)
        if answer.status != 200:
            via = [("Via", invite["Via"])]
            ack = self._request("ACK", target, call=call, to=answer["To"], number=1)
            self.send(Message(ack.start, via + [pair for pair in ack.headers if pair[0] != "Via"]), self._proxy)
            return answer
        contact = answer["Contact"].split("<")[1].split(">")[0]
        dialog = Dialog(call, contact, answer.all("Record-Route")[::-1], answer["To"], count(2))
        self.dialogs[call] = dialog
        self.send(self._within("ACK", dialog, 1), self._proxy)
        return answer

    async def bye(self, call: str) -> Message:
        """End a call; the answer."""
        dialog = self.dialogs[call]
        return await self.ask(self._within("BYE", dialog, next(dialog.cseq)), self._proxy)

    def _within(self, method: str, dialog: Dialog, number: int) -> Message:
        request = self._request(method, dialog.target, call=dialog.call, to=dialog.to, number=number)
        return Message(request.start, request.headers + [("Route", route) for route in dialog.routes])

    def _request(self, method: str, target: str, *, call: str, to: str, number: int) -> Message:
        host, port = self.address
        headers: Headers = [
            ("Via", f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK{uuid4().hex};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:caller@{host}>;tag=caller"),
            ("To", to),
            ("Call-ID", call),
            ("CSeq", f"{number} {method}"),
            ("Contact", f"<{self.uri}>"),
        ]
        return Message(f"{method} {target} SIP/2.0", headers)


def branch(message: Message) -> str:
    """What a request and its answers have in common."""
    return f"{message.all('Via')[0].split('branch=')[1].split(';')[0]} {message.method}"
