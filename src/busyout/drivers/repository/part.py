"""A file that is arriving: kept as `NAME.part`, hashed as it grows, renamed when it is whole.

Beside it, `NAME.part.from` says what it is the beginning of. Every method blocks.
"""

import fcntl
import hashlib
import os
from contextlib import suppress
from io import BufferedRandom
from pathlib import Path

import msgspec
from msgspec import Struct

from busyout.drivers.repository.arrival import Arrival, Resume
from busyout.drivers.repository.trouble import Unreadable
from busyout.ports.repository import Fetched

BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Changes with every start of the machine. What was written before a loss of power may be full of holes."""

READ = 1 << 20


class Note(Struct, frozen=True):
    """What the beginning of a file belongs to."""

    source: str
    """Digest of the URL, which may hold a key."""
    validator: str
    total: int | None
    boot: str


class Part:
    """The beginning of one file; used by one thread at a time."""

    def __init__(self, into: Path, url: str) -> None:
        self._into = into
        self._path = into.with_name(f"{into.name}.part")
        self._note = into.with_name(f"{into.name}.part.from")
        self._source = hashlib.sha256(url.encode()).hexdigest()
        self._file: BufferedRandom | None = None
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._sha256 = hashlib.sha256()
        self.size = 0
        """Bytes that are there."""

    def resume(self, limit: int) -> Resume | None:
        """Where to go on; None where there is nothing that can be gone on with."""
        try:
            note = msgspec.json.decode(self._note.read_bytes(), type=Note)
            size = self._path.stat().st_size
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        known = (note.source, note.boot) == (self._source, boot())
        room = limit if note.total is None else min(limit, note.total)
        return Resume(size, note.validator) if known and 0 < size < room else None

    def begin(self, arrival: Arrival) -> None:
        """Open the file, and hash what is there of it; forget it where the whole comes anew.

        Raises:
            Unreadable: Somebody else is writing it.
        """
        self._file = file = self._locked()
        if arrival.start == 0:
            self._note.unlink(missing_ok=True)
            file.truncate(0)
            self._write_note(arrival)
        while self.size < arrival.start and (piece := file.read(min(READ, arrival.start - self.size))):
            self._count(piece)
        if self.size != arrival.start:
            raise Unreadable("the beginning of it was changed meanwhile", passing=True, anew=True)
        file.seek(self.size)
        file.truncate()

    def add(self, chunk: bytes) -> None:
        """Write what has come."""
        if self._file is None:
            raise ValueError("not begun")
        self._file.write(chunk)
        self._count(chunk)

    def keep(self, etag: str | None) -> Fetched:
        """Make sure that the whole is on disk, and give it its name."""
        if self._file is None:
            raise ValueError("not begun")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._note.unlink(missing_ok=True)
        self._path.replace(self._into)
        folder = os.open(self._into.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return Fetched(self.size, self._sha1.hexdigest(), self._sha256.hexdigest(), etag)

    def drop(self) -> None:
        """Take away what is there. Idempotent."""
        self._note.unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave what is there for a later attempt. Idempotent."""
        if self._file is not None:
            with suppress(OSError):  # what could not be written is fetched anew
                self._file.close()

    def _locked(self) -> BufferedRandom:
        """The file, open and ours alone; made where there is none."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        file = os.fdopen(os.open(self._path, flags, 0o644), "r+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(file.fileno()), self._path.lstat()):
                raise Unreadable("it has just been fetched by somebody else")
        except BlockingIOError as error:
            file.close()
            raise Unreadable("it is being fetched already") from error
        except (OSError, Unreadable):
            file.close()
            raise
        return file

    def _write_note(self, arrival: Arrival) -> None:
        if arrival.validator is not None:
            note = Note(self._source, arrival.validator, arrival.total, boot())
            self._note.write_bytes(msgspec.json.encode(note))

    def _count(self, piece: bytes) -> None:
        self._sha1.update(piece)
        self._sha256.update(piece)
        self.size += len(piece)


def boot() -> str:
    """What this run of the machine is known by; empty where the machine does not say."""
    try:
        return BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""
