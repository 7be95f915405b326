"""Two parties with a proxy between them, all in memory: datagrams are made by hand and the time is a number."""

from dataclasses import dataclass, field

from busyout.domain.configuration.tables import Classification, Interface, Peer, Route, Tables, Trunk, TrunkSet
from busyout.drivers.proxy.core import Proxy
from busyout.drivers.proxy.message import Request, Response, parse
from busyout.drivers.proxy.seal import Seal
from busyout.drivers.proxy.state import Admission, Send, SourceOf

PROXY = ("127.0.0.1", 5060)
CALLER = ("127.0.0.2", 5070)
CALLEE = ("127.0.0.3", 5080)
OTHER = ("127.0.0.4", 5090)
NOW = 1000.0

TABLES = Tables(
    interface=(Interface(0, "sip", *PROXY),),
    trunk_set=(TrunkSet(0, "out"), TrunkSet(1, "spare")),
    trunk=(Trunk(0, "out", *CALLEE), Trunk(1, "spare", *OTHER)),
    peer=(Peer(0, "callers"), Peer(1, "carrier", "out"), Peer(2, "backup", "spare")),
    classification=(Classification(0, "known", "callers", source_address="127.0.0.2"),),
    route=(Route(0, "nowhere", "callers", destination_user="000*"), Route(1, "all", "carrier")),
)


def proxy(tables: Tables = TABLES, *, capacity: int = 100, source_of: SourceOf = lambda host: None) -> Proxy:
    """A proxy that lets calls in; all of them have the same key."""
    made = Proxy(Seal(b"k" * 32), Admission(True, 7, capacity), clock_offset=0.0, source_of=source_of)
    made.configure(tables, NOW)
    return made


def datagram(start: str, *lines: str, body: bytes = b"") -> bytes:
    """A message with the Content-Length that it needs."""
    return "\r\n".join((start, *lines, f"Content-Length: {len(body)}", "", "")).encode() + body


def request_in(sends: list[Send]) -> Request:
    """The only datagram, as a request."""
    assert len(sends) == 1, sends
    message = parse(sends[0].data)
    assert isinstance(message, Request), sends[0].data
    return message


def response_in(sends: list[Send]) -> Response:
    """The only datagram, as a response."""
    assert len(sends) == 1, sends
    message = parse(sends[0].data)
    assert isinstance(message, Response), sends[0].data
    return message


def answer_to(request: Request, status: int, reason: str, *, tag: str = "", contact: str = "") -> bytes:
    """What a party answers."""
    lines = [f"Via: {value}" for value in request.values["via"]]
    lines += [f"Record-Route: {value}" for value in request.values.get("record-route", ())]
    to = request.first("to")
    lines += [f"From: {request.first('from')}", f"To: {to}{f';tag={tag}' if tag and 'tag=' not in to else ''}"]
    lines += [f"Call-ID: {request.first('call-id')}", f"CSeq: {request.first('cseq')}"]
    lines += [f"Contact: <{contact}>"] if contact else []
    return datagram(f"SIP/2.0 {status} {reason}", *lines)


@dataclass
class Phone:
    """A caller's and a callee's side of one call."""

    proxy: Proxy
    call_id: str = "one"
    cseq: int = 1
    callee_cseq: int = 100
    now: float = NOW
    routes: list[str] = field(default_factory=list)
    invite: Request | None = None
    from_tag: str = "from"
    to_tag: str = "to"

    def _names(self, *, by_caller: bool) -> tuple[str, str]:
        caller = f"<sip:alice@127.0.0.2:5070>;tag={self.from_tag}"
        callee = f"<sip:bob@127.0.0.1:5060>;tag={self.to_tag}"
        return (caller, callee) if by_caller else (callee, caller)

    def invites(self, *, branch: str = "z9hG4bKinvite", user: str = "bob") -> bytes:
        """The INVITE of the caller."""
        return datagram(
            f"INVITE sip:{user}@127.0.0.1:5060 SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.2:5070;branch={branch}",
            f"From: <sip:alice@127.0.0.2:5070>;tag={self.from_tag}",
            "To: <sip:bob@127.0.0.1:5060>",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.cseq} INVITE",
            "Contact: <sip:alice@127.0.0.2:5070>",
            "Max-Forwards: 70",
            body=b"v=0\r\n",
        )

    def call(self) -> list[Send]:
        """The caller sends its INVITE."""
        sends = self.proxy.receive(self.invites(), CALLER, 0, self.now)
        if sends and sends[0].address == CALLEE:
            self.invite = request_in(sends)
        return sends

    def says(self, status: int, reason: str) -> list[Send]:
        """The callee answers the INVITE."""
        assert self.invite is not None
        data = answer_to(self.invite, status, reason, tag=self.to_tag, contact="sip:bob@127.0.0.3:5080")
        sends = self.proxy.receive(data, CALLEE, 0, self.now)
        self.routes = list(self.invite.values.get("record-route", ()))
        return sends

    def within(self, method: str, *, by_caller: bool = True, branch: str = "", routed: bool = True) -> bytes:
        """A request inside the dialog."""
        if by_caller:
            self.cseq += method != "ACK"
        else:
            self.callee_cseq += 1
        sender, receiver = self._names(by_caller=by_caller)
        near, far = (CALLER, CALLEE) if by_caller else (CALLEE, CALLER)
        cseq = self.cseq if by_caller else self.callee_cseq
        target = f"sip:x@{far[0]}:{far[1]}" if routed else "sip:x@127.0.0.1:5060"
        return datagram(
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP {near[0]}:{near[1]};branch={branch or f'z9hG4bK{method}{cseq}{by_caller}'}",
            *(f"Route: {value}" for value in self.routes if routed),
            f"From: {sender}",
            f"To: {receiver}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {cseq} {method}",
            "Max-Forwards: 70",
        )

    def sends(self, method: str, *, by_caller: bool = True, routed: bool = True) -> list[Send]:
        """A party sends a request inside the dialog."""
        data = self.within(method, by_caller=by_caller, routed=routed)
        return self.proxy.receive(data, CALLER if by_caller else CALLEE, 0, self.now)

    def answers(self, request: Request, status: int, *, callee: bool = True) -> list[Send]:
        """A party answers a request inside the dialog."""
        return self.proxy.receive(answer_to(request, status, "Said"), CALLEE if callee else CALLER, 0, self.now)

    def connect(self) -> "Phone":
        """Call, be answered, acknowledge."""
        self.call()
        self.says(180, "Ringing")
        self.says(200, "OK")
        self.sends("ACK")
        return self


def connected(made: Proxy, call_id: str = "one") -> Phone:
    """A call that is up."""
    return Phone(made, call_id).connect()
