"""Asks one FTP server for one file, by ftplib, in a thread of its own."""

import asyncio
import ftplib
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import unquote_to_bytes

from busyout.domain.errors import InvalidValue
from busyout.drivers.repository.addresses import Address
from busyout.drivers.repository.arrival import Arrival, Resume
from busyout.drivers.repository.patience import Patience
from busyout.drivers.repository.target import CONTROL, Target
from busyout.drivers.repository.thread import Thread, own_thread
from busyout.drivers.repository.trouble import Unreadable

READ = 1 << 18

BROKEN = (ftplib.Error, OSError, EOFError, ValueError)
"""What a session ends with when it does not end well."""

REASONS = {
    "530": "the login is refused",
    "550": "there is no such file",
}


class Session:
    """One login and one file. Every method blocks, but for `abort`, which another thread may call."""

    def __init__(self, target: Target, addresses: tuple[Address, ...], patience: Patience) -> None:
        """Raises InvalidValue where the path cannot be said in FTP."""
        self._target = target
        self._addresses = addresses
        self._patience = patience
        self._path = path_of(target)
        # In Latin-1 every byte is a character: paths go out as they were quoted, and no reply is unreadable.
        self._ftp = ftplib.FTP(encoding="latin-1")  # noqa: S321 - it is what the repository speaks; digests are checked
        self._data: socket.socket | None = None

    def begin(self, resume: Resume | None) -> tuple[int, int | None, str | None]:
        """Log in and have the file sent: the offset it comes from, its size, what it can be recognised by."""
        self._connect()
        user = self._target.credentials
        self._ftp.login(*((user.user, user.password) if user else ()))
        self._ftp.voidcmd("TYPE I")
        size, modified = self._asked("SIZE"), self._asked("MDTM")
        total = int(size) if size is not None and size.isdigit() else None
        validator = None if total is None or modified is None else f"{total} {modified}"
        start = self._sent(resume.size if resume and resume.validator == validator else 0)
        return start, total, validator

    def read(self) -> bytes:
        """The next piece; empty at the end, when the server has said that it was all."""
        if self._data is None:
            raise ValueError("not begun")
        piece = self._data.recv(READ)
        if not piece:
            self._data.close()
            self._ftp.voidresp()
        return piece

    def abort(self) -> None:
        """Make whatever blocks end. Idempotent."""
        for each in (self._data, self._ftp.sock):
            if each is not None:
                with suppress(OSError):  # it has ended by itself
                    each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connections. Idempotent."""
        if self._data is not None:
            self._data.close()
        self._ftp.close()

    def _connect(self) -> None:
        """Connect to the first address that answers."""
        *others, last = self._addresses
        for address in others:
            with suppress(OSError):  # the next may answer
                return self._connect_to(address)
        return self._connect_to(last)

    def _connect_to(self, address: Address) -> None:
        self._ftp.connect(str(address), self._target.port, timeout=self._patience.connect)
        self._ftp.timeout = self._patience.silence
        if self._ftp.sock is not None:
            self._ftp.sock.settimeout(self._patience.silence)

    def _asked(self, what: str) -> str | None:
        """What the server says of the file; None where it does not know how."""
        try:
            reply = self._ftp.sendcmd(f"{what} {self._path}")
        except ftplib.error_perm:
            return None
        return reply[4:].strip()[:64] if reply.startswith("213 ") else None

    def _sent(self, start: int) -> int:
        """Have the file sent from an offset on; from 0 where the server cannot. The offset."""
        if start:
            try:
                self._data = self._ftp.transfercmd(f"RETR {self._path}", rest=start)
                return start
            except (ftplib.error_perm, ftplib.error_reply):
                pass  # it knows no REST; if it was the file, the next command says so
        self._data = self._ftp.transfercmd(f"RETR {self._path}")
        return 0


def path_of(target: Target) -> str:
    """The path as it goes over the line: relative to where the login leads, unless a second slash is quoted.

    Raises:
        InvalidValue: It has characters that end a line.
    """
    path = unquote_to_bytes(target.path.removeprefix("/").partition(";type=")[0]).decode("latin-1")
    if not path or CONTROL.search(path):
        raise InvalidValue(f"{target.shown} names no file that FTP can name")
    return path


@asynccontextmanager
async def ftp_opened(
    target: Target, addresses: tuple[Address, ...], resume: Resume | None, patience: Patience
) -> AsyncIterator[Arrival]:
    """A file that is coming; the session ends with the context.

    Raises:
        InvalidValue: The path cannot be said in FTP.
        Unreadable: The server does not send it.
    """
    session = Session(target, addresses, patience)
    async with own_thread("ftp") as thread:
        try:
            start, total, validator = await begun(thread, session, resume, patience)
            chunks = body(thread, session, patience)
            yield Arrival(start=start, total=total, validator=validator, etag=None, chunks=chunks)
        finally:
            session.abort()
            thread.afterwards(session.close)


async def begun(
    thread: Thread, session: Session, resume: Resume | None, patience: Patience
) -> tuple[int, int | None, str | None]:
    """The beginning of a session, which may not take for ever.

    Raises:
        Unreadable: It does not come to a file.
    """
    try:
        async with asyncio.timeout(patience.connect + patience.answer):
            return await thread.run(session.begin, resume)
    except BROKEN as error:
        raise explained(error, patience) from error


async def body(thread: Thread, session: Session, patience: Patience) -> AsyncGenerator[bytes, None]:
    """The pieces of a file, as they come.

    Raises:
        Unreadable: The connection ended or fell silent before the file was whole.
    """
    try:
        while piece := await thread.run(session.read):
            yield piece
    except BROKEN as error:
        raise explained(error, patience) from error


def explained(error: Exception, patience: Patience) -> Unreadable:
    """What went wrong, without the words of the server, which may repeat a user or a password."""
    code = str(error)[:3]
    match error:
        case ftplib.error_perm():
            return Unreadable(f"{REASONS.get(code, 'the server refuses')} ({code})")
        case ftplib.error_temp():
            return Unreadable(f"the server cannot just now ({code})", passing=True)
        case EOFError():
            return Unreadable("the server hung up", passing=True)
        case TimeoutError():
            return Unreadable(
                f"no connection within {patience.connect:g} s, or silence for {patience.silence:g} s", passing=True
            )
        case OSError():
            return Unreadable(f"the connection broke: {error.strerror or 'it is gone'}", passing=True)
        case _:
            return Unreadable("what it answers is not FTP")
