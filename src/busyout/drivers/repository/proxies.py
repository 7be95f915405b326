"""Which proxy a fetch goes through, as the parameters of the configuration service write it."""

from dataclasses import dataclass
from urllib.parse import SplitResult

from busyout.domain.errors import InvalidValue
from busyout.drivers.repository.target import Credentials, Target, read_credentials, read_host, split
from busyout.ports.repository import Access

HTTP_PORT = 80
TUNNEL_PORT = 443
"""Where an `https_proxy` without a port is; the documents name none, and clients of provd have always used this one."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A forward proxy, spoken to by HTTP."""

    host: str
    port: int
    credentials: Credentials | None = None

    @property
    def url(self) -> str:
        """Without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def proxy_for(target: Target, access: Access) -> Proxy | None:
    """The proxy for a target; None where it is reached without one.

    Raises:
        InvalidValue: The parameter cannot be used; the message names it, not its value.
    """
    match target.scheme:
        case "https":
            return read_proxy("https_proxy", access.https_proxy)
        case "ftp":
            return read_proxy("ftp_proxy", access.ftp_proxy)
        case _:
            return read_proxy("http_proxy", access.http_proxy)


def read_proxy(parameter: str, value: str | None) -> Proxy | None:
    """A proxy as a parameter writes it; None where it is not set.

    Raises:
        InvalidValue: It cannot be used.
    """
    if not value:
        return None
    tunnel = parameter == "https_proxy"
    try:
        parts, port = split(f"http://{value}" if tunnel else value)
        if parts.scheme != "http" or trailing(parts):
            raise InvalidValue
        usual = TUNNEL_PORT if tunnel else HTTP_PORT
        return Proxy(read_host(parts.hostname), usual if port is None else port, read_credentials(parts))
    except InvalidValue as error:
        form = "host[:port]" if tunnel else "http://[user:password@]host:port"
        raise InvalidValue(f"{parameter} cannot be used: it is not of the form {form}") from error


def trailing(parts: SplitResult) -> bool:
    """Whether more follows the host and port than one slash."""
    return parts.path not in {"", "/"} or bool(parts.query or parts.fragment)
