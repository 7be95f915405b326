"""Kills a process at each step that it takes on the file system, and looks at what is left: `killing.py HOME CASE`.

A copy of this process does the work of the case. It is killed before its first operation on a file, then, on a fresh
copy of the same shelf, before its second, and so on until one comes to the end. Prints how often it was killed.
"""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.drivers.shelf.kit import ID, package_text, plugin_archive, plugin_files, tree, zip_of

from busyout.drivers.shelf.shelf import FolderShelf

OPERATIONS = {
    "open",
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "os.truncate",
}
"""Audit events of the interpreter, each raised before the operation."""

Act = Callable[[FolderShelf], Awaitable[object]]
Look = dict[str, bytes]


def packages(version: str, files: Mapping[str, bytes]) -> bytes:
    return package_text({"fw": ({f"fw{version}.zip": zip_of(files)}, ["a-b: unzip $FILE1", "b-c: cp * fw/"])}, version)


ONE = {"a": b"1", "b": b"1", "only1": b"1"}
TWO = {"a": b"2", "b": b"2", "only2": b"2"}


@dataclass(frozen=True)
class Case:
    """What has been done before, and what is being done when the process is killed."""

    before: tuple[str, ...]
    killed: str


CASES = {
    "first install": Case((), "place2"),
    "install after uninstall": Case(("place1", "own", "settle", "remove", "settle"), "place2"),
    "upgrade": Case(("place1", "own", "settle"), "place2"),
    "restore an upgrade": Case(("place1", "own", "settle", "place2"), "restore"),
    "restore an install": Case(("place1",), "restore"),
    "settle an upgrade": Case(("place1", "own", "settle", "place2"), "settle"),
    "uninstall": Case(("place1", "own", "settle"), "remove"),
    "restore an uninstall": Case(("place1", "own", "settle", "remove"), "restore"),
    "settle an uninstall": Case(("place1", "own", "settle", "remove"), "settle"),
    "upgrade what is not settled": Case(("place1", "own"), "place2"),
    "install a package": Case(("place2", "own", "settle", "cache"), "install"),
    "upgrade a package": Case(("place1", "own", "cache", "install", "place2", "settle", "cache"), "install"),
    "uninstall a package": Case(("place2", "own", "settle", "cache", "install"), "uninstall"),
}


class Work:
    """The acts of the cases, on one shelf."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "plugins"

    def prepare(self) -> None:
        for number, files in (("1", ONE), ("2", TWO)):
            content = plugin_files(
                number, {"pkgs/pkgs.db": packages(number, files), "var/tftpboot/shipped": number.encode()}
            )
            plugin_archive(self.home / f"{number}.tar.bz2", files=content)

    async def act(self, name: str) -> None:
        shelf = FolderShelf(self.root)
        if name.startswith("place"):
            await shelf.place(ID, self.home / f"{name[5:]}.tar.bz2", version=name[5:])
        elif name == "own":
            (self.root / ID / "var/templates/own").write_bytes(b"own")
        elif name == "cache":
            for number, files in (("1", ONE), ("2", TWO)):
                (self.root / ID / f"var/cache/fw{number}.zip").write_bytes(zip_of(files))
        elif name in ("install", "uninstall"):
            await (shelf.install_package if name == "install" else shelf.uninstall_package)(ID, "fw")
        else:
            await {"restore": shelf.restore, "settle": shelf.settle, "remove": shelf.remove}[name](ID)

    async def look(self) -> Look:
        """What anybody sees of the shelf once it has been opened, and that nothing half-made is in it."""
        shelf = FolderShelf(self.root)
        plugins = await shelf.installed()
        assert [plugin.id for plugin in plugins] in ([], [ID])
        seen = {name: content for name, content in tree(self.root).items() if not name.startswith(".shelf")}
        if plugins:
            records = await shelf.installed_packages(ID)
            seen = {name: b"" if "/var/installed/" in name else content for name, content in seen.items()}
            seen["packages"] = repr(records).encode()
        left = {path.name for path in (self.root / ".shelf" / ID).glob("*")} - {"undo.json", "previous", "kept"}
        assert not left, left
        return seen

    def kept(self) -> bool:
        """Whether the operator's own file is somewhere on the shelf."""
        return any(path.read_bytes() == b"own" for path in self.root.rglob("own") if path.is_file())


def kill_at(number: int, root: Path) -> None:
    """Kill this process before that operation on a file below a directory."""
    counted = count(1)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event not in OPERATIONS or not any(str(root) in str(one) for one in arguments):
            return
        if next(counted) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def in_a_copy(act: Callable[[], None]) -> bool:
    """Do something in a copy of this process; whether it came to its end."""
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return False
    assert status == 0, status
    return True


def check(case: Case, work: Work, old: Look, new: Look) -> None:
    """Hold what a killed process has left to the promises."""
    owned = "own" in case.before
    seen = asyncio.run(work.look())
    assert seen in (old, new), f"neither the old nor the new: {sorted(seen)}"
    assert work.kept() is owned, "the operator's own file is gone"
    asyncio.run(work.act(case.killed))
    assert asyncio.run(work.look()) == new, "doing it again does not do it"
    assert work.kept() is owned, "the operator's own file is gone after doing it again"


def run(home: Path, case: Case) -> int:
    """Kill at every step; how often that was."""
    start, trial = Work(home / "start"), Work(home / "trial")
    start.home.mkdir()
    start.prepare()
    for name in case.before:
        asyncio.run(start.act(name))
    old = asyncio.run(start.look())
    shutil.copytree(start.home, trial.home)
    asyncio.run(trial.act(case.killed))
    new = asyncio.run(trial.look())
    for number in range(1, 100_000):
        shutil.rmtree(trial.home)
        shutil.copytree(start.home, trial.home, symlinks=True)

        def killed(number: int = number) -> None:
            kill_at(number, trial.root)
            asyncio.run(trial.act(case.killed))

        if in_a_copy(killed):
            return number - 1
        check(case, trial, old, new)
    raise AssertionError("it does not end")


if __name__ == "__main__":
    print(run(Path(sys.argv[1]), CASES[sys.argv[2]]))
