"""A real FTP server in a thread, which can be told to break transfers off."""

import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of modules that a later Python gives the server as packages
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import DTPHandler, FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

USER, PASSWORD = "anna", "s3cret@"


@dataclass
class FtpSite:
    """A server that runs."""

    port: int = 0
    commands: list[str] = field(default_factory=list)
    cut_after: int | None = None
    """Bytes after which the next transfer is broken off."""
    wait: Callable[[], object] = field(default=lambda: None)
    """Called before it is broken off."""

    @property
    def url(self) -> str:
        return f"ftp://127.0.0.1:{self.port}"

    def said(self, verb: str) -> list[str]:
        return [command for command in self.commands if command.startswith(verb)]


def wait_part(part: Path, size: int) -> Callable[[], None]:
    """Waits in real time until so many bytes are there."""

    def wait() -> None:
        end = time.monotonic() + 20
        while (not part.exists() or part.stat().st_size < size) and time.monotonic() < end:
            time.sleep(0.002)  # in the server's own thread; a file tells nobody that it has grown

    return wait


class Channel(DTPHandler):
    sent = 0

    def send(self, data: bytes) -> int:
        site = self.cmd_channel.site
        if site.cut_after is None:
            return super().send(data)
        if self.sent < site.cut_after:
            done = super().send(data[: site.cut_after - self.sent])
            self.sent += done
            return done
        site.cut_after = None
        site.wait()
        self.cmd_channel.close()
        return 0


class Handler(FTPHandler):
    dtp_handler = Channel
    use_sendfile = False
    auth_failed_timeout = 0
    site: FtpSite

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        self.site.commands.append(line)
        super().pre_process_command(line, cmd, arg)


@contextmanager
def ftp_site(root: Path, *, without: tuple[str, ...] = (), anonymous: bool = True) -> Iterator[FtpSite]:
    """A server of one folder; `without` are commands that it does not know."""
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(root))
    if anonymous:
        authorizer.add_anonymous(str(root))
    site = FtpSite()
    commands = {verb: about for verb, about in FTPHandler.proto_cmds.items() if verb not in without}
    handler = type("SiteHandler", (Handler,), {"site": site, "authorizer": authorizer, "proto_cmds": commands})
    server = FTPServer(("127.0.0.1", 0), handler, ioloop=IOLoop())
    site.port = server.address[1]
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            server.serve_forever(timeout=0.02, blocking=False)
        server.close_all()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield site
    finally:
        ended.set()
        thread.join(20)
