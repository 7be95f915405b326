"""As much SIP as the two parties of a test call need, written apart from the engine's own."""

from dataclasses import dataclass, field

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response, its body left out."""

    start: str
    """The first line."""
    headers: Headers = field(default_factory=list)

    @property
    def status(self) -> int | None:
        """Status of a response; None for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else None

    @property
    def method(self) -> str:
        """The method, from CSeq."""
        return self["CSeq"].split()[1]

    def __getitem__(self, name: str) -> str:
        return self.all(name)[0]

    def all(self, name: str) -> list[str]:
        """Every value of a header, in order; comma-separated ones taken apart."""
        found = [value for known, value in self.headers if known.lower() == name.lower()]
        if name.lower() not in ("via", "route", "record-route"):
            return found
        return [part.strip() for value in found for part in value.split(",")]

    def encode(self) -> bytes:
        """The bytes on the wire."""
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers), "Content-Length: 0"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def decode(data: bytes) -> Message:
    """A message from its bytes."""
    head = data.decode().split("\r\n\r\n", 1)[0].split("\r\n")
    pairs = [line.split(":", 1) for line in head[1:]]
    headers = [(name.strip(), value.strip()) for name, value in pairs]
    return Message(head[0], [pair for pair in headers if pair[0].lower() != "content-length"])


def response(request: Message, status: str, *, tag: str = "", contact: str = "") -> Message:
    """The answer to a request."""
    headers = [("Via", value) for value in request.all("Via")]
    headers += [("Record-Route", value) for value in request.all("Record-Route")]
    to = request["To"]
    headers += [
        ("From", request["From"]),
        ("To", f"{to};tag={tag}" if tag and ";tag=" not in to else to),
        ("Call-ID", request["Call-ID"]),
        ("CSeq", request["CSeq"]),
    ]
    return Message(f"SIP/2.0 {status}", headers + ([("Contact", f"<{contact}>")] if contact else []))
