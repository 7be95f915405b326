"""Unpacks with programs of the system what Python cannot, without a shell, bounded in time and size."""

import os
import resource
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from busyout.domain.archive import Amount, Bounds, Judge, Member, MemberKind
from busyout.domain.errors import FilterFailed, UnsafeArchive

PATIENCE: Final = 600.0
"""Seconds that a program has."""

LOOK_EVERY: Final = 0.1
"""Seconds between two looks at how much it has written."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that unpacks one kind of archive into the directory it is started in."""

    names: tuple[str, ...]
    """Any of them will do."""
    arguments: tuple[str, ...]
    package: str
    """What to install to have one."""


PROGRAMS: Final = {
    "unrar": Program(("unrar",), ("e", "-idq", "-y", "-p-", "--"), "unrar"),
    "7z": Program(("7zz", "7z", "7za", "7zr"), ("e", "-bd", "-y", "--"), "7zip (or p7zip-full)"),
}


def unpack_with(name: str, archive: Path, into: Path, bounds: Bounds, *, search: str | None) -> Amount:
    """Unpack an archive into an empty directory. `search` is where programs are looked for; None for the PATH.

    Raises:
        FilterFailed: The program is not installed, failed, or took too long.
        UnsafeArchive: What it made exceeds a bound, or is no plain file.
    """
    program = PROGRAMS[name]
    found = next((path for one in program.names if (path := shutil.which(one, path=search))), None)
    if found is None:
        raise FilterFailed(f"{name} needs a program that is not installed; install the package {program.package}")
    allowed = bounds.unpacked(archive.stat().st_size)
    code = _run([found, *program.arguments, str(archive)], into, allowed)
    if code:
        raise FilterFailed(f"{Path(found).name} could not unpack {archive.name}: it ended with {code}")
    return _judge(into, Judge(bounds, packed=archive.stat().st_size, top=None))


def _run(command: Sequence[str], into: Path, allowed: int) -> int:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": str(into)}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(  # noqa: S603 - a fixed program, no shell, nothing of the archive's in the command but its path
        command, cwd=into, env=environment, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    ) as process:
        try:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (allowed, allowed))
            return _wait(process, into, allowed)
        except ProcessLookupError:
            return process.wait()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _wait(process: "subprocess.Popen[bytes]", into: Path, allowed: int) -> int:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return process.wait(LOOK_EVERY)
        except subprocess.TimeoutExpired:
            if _written(into) > allowed:
                raise UnsafeArchive(f"it becomes larger than {allowed} bytes") from None
            if time.monotonic() > deadline:
                raise FilterFailed(f"unpacking took longer than {PATIENCE:.0f} s") from None


def _written(into: Path) -> int:
    total = 0
    for folder, _, files in os.walk(into):
        for name in files:
            try:
                total += os.lstat(Path(folder, name)).st_size
            except FileNotFoundError:
                continue
    return total


def _judge(into: Path, judge: Judge) -> Amount:
    """Hold what a program has made to the rules for archives, and make its modes ours."""
    for folder, folders, files in os.walk(into):
        for name in (*folders, *files):
            path = Path(folder, name)
            mode = path.lstat().st_mode
            size = path.lstat().st_size if stat.S_ISREG(mode) else 0
            judge.admit(Member(str(path.relative_to(into)), _kind(mode), size))
            path.chmod(0o755 if stat.S_ISDIR(mode) else 0o644)
    return judge.finish()


def _kind(mode: int) -> MemberKind:
    if stat.S_ISREG(mode):
        return MemberKind.FILE
    if stat.S_ISDIR(mode):
        return MemberKind.DIRECTORY
    return MemberKind.LINK if stat.S_ISLNK(mode) else MemberKind.OTHER
