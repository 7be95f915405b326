"""A file has its name only when it is on disk, seen from the outside."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import asyncio, sys
from pathlib import Path
from busyout.drivers.repository.driver import UrlRepository
from busyout.drivers.repository.road import Reach
from busyout.ports.repository import Access
from tests.clock import ManualClock

folder, into = map(Path, sys.argv[1:])
repository = UrlRepository(ManualClock(), Reach(folder=folder))
fetch = repository.fetch(f"{folder}/file", into, access=Access(), limit=1000, tell=lambda size, total: None)
asyncio.run(fetch)
"""


def can_trace() -> bool:
    """Whether system calls can be watched here."""
    strace = shutil.which("strace")
    return (
        strace is not None and subprocess.run([strace, "-qq", "-e", "trace=none", "true"], check=False).returncode == 0
    )


@pytest.mark.skipif(not can_trace(), reason="system calls cannot be watched here (strace)")
def test_a_file_is_on_disk_before_it_has_its_name_and_its_name_before_it_is_acknowledged(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 500)
    into = tmp_path / "arrived"
    calls = "trace=write,fsync,rename,renameat,renameat2"
    watched = ["strace", "-f", "-qq", "-y", "-e", calls, "-o", str(tmp_path / "trace")]
    command = [*watched, sys.executable, "-c", SCRIPT, str(tmp_path), str(into)]
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    subprocess.run(command, env=env, check=True, timeout=60)
    seen = [
        name
        for line in (tmp_path / "trace").read_text().splitlines()
        for name, pattern in {
            "written": rf"write\(\d+<{into}\.part>",
            "synced": rf"fsync\(\d+<{into}\.part>",
            "named": rf'rename\w*\(.*"{into}\.part", .*"{into}"',
            "name synced": rf"fsync\(\d+<{tmp_path}>",
        }.items()
        if re.search(pattern, line)
    ]
    assert seen == ["written", "synced", "named", "name synced"]
    assert into.read_bytes() == b"x" * 500
