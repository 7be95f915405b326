"""The directory of one engine: its control socket, its lock, its key, its log."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_bytes
from typing import BinaryIO

from busyout.drivers.proxy.seal import KEY_BYTES

CONTROL = "control.sock"
LOCK = "engine.lock"
KEY = "engine.key"
LOG = "engine.log"
STANDARD_ERROR = "engine.err"

LONGEST_SOCKET_PATH = 100
"""Bytes of a socket's path that every Linux takes; a longer one is reached through its open directory."""

LOCK_PATIENCE = 1.0
"""Seconds for which a start waits for the lock: whoever only looks at it lets go at once."""


class AlreadyRunning(Exception):
    """Another process holds the lock of this directory."""


def prepare(home: Path) -> None:
    """Make the directory, and the one that it is in, for their owner alone."""
    for directory in (home.parent, home):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def standard_error(home: Path) -> BinaryIO:
    """The file for what the process says to its standard error, empty, for its owner alone."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(home / STANDARD_ERROR, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "wb")


@contextmanager
def socket_address(home: Path, name: str) -> Iterator[str]:
    """An address for a unix socket in the directory, however deep that is; it holds within the context."""
    path = os.fspath(home / name)
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        yield path
        return
    directory = os.open(home, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{name}"
    finally:
        os.close(directory)


def listen(home: Path) -> socket.socket:
    """The listening control socket; one that a dead process left, or one that we take over from, is replaced."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    fresh = f"{CONTROL}.{os.getpid()}"
    (home / fresh).unlink(missing_ok=True)
    with socket_address(home, fresh) as address:
        listener.bind(address)
    (home / fresh).chmod(0o600)
    listener.listen(128)
    (home / fresh).replace(home / CONTROL)
    return listener


def connect(home: Path) -> socket.socket:
    """A connection to the control socket.

    Raises:
        OSError: Nobody listens there.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        with socket_address(home, CONTROL) as address:
            connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def lock(home: Path) -> int:
    """Take the lock for the life of this process; returns its file descriptor.

    Raises:
        AlreadyRunning: Another process has it.
    """
    descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                os.close(descriptor)
                raise AlreadyRunning(f"process {holder(home)} runs in {home}") from error
            time.sleep(0.02)
        else:
            sign(descriptor)
            return descriptor


def sign(descriptor: int) -> None:
    """Write our process id into the lock that we hold."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def holder(home: Path) -> int | None:
    """Process id of the engine that runs; 0 while it is not known yet, None when none runs."""
    try:
        descriptor = os.open(home / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(descriptor, 32, 0).decode("ascii", "replace")
        return int(text) if text.isdigit() else 0
    finally:
        os.close(descriptor)
    return None


def key(home: Path) -> bytes:
    """The key of this engine's seal; made at the first start, kept for every later one."""
    path = home / KEY
    if path.exists():
        known = path.read_bytes()
        if len(known) == KEY_BYTES:
            return known
    made = token_bytes(KEY_BYTES)
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return made


def last_words(home: Path) -> str:
    """The last line that the process wrote to its standard error; empty when it wrote nothing."""
    path = home / STANDARD_ERROR
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
