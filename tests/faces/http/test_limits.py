"""Connections and open files: idle connections leave room for the files that the server itself needs."""

import subprocess
import sys
from typing import Final

import pytest

WITH_FEW_FILES: Final = """
import resource, sys
from busyout.server.limits import most_connections, raise_open_files

soft, hard = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
raise_open_files()
print(*resource.getrlimit(resource.RLIMIT_NOFILE), most_connections())
"""


def limits(soft: int, hard: int) -> tuple[int, ...]:
    """Files that may be open, how far that may be raised, and connections, in a process that starts with less."""
    done = subprocess.run(
        [sys.executable, "-c", WITH_FEW_FILES, str(soft), str(hard)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return tuple(map(int, done.stdout.split()))


@pytest.mark.parametrize(
    ("soft", "hard", "left"),
    [(64, 500, (500, 500, 250)), (64, 10_000, (8192, 10_000, 4096)), (9000, 10_000, (9000, 10_000, 4096))],
)
def test_as_many_files_as_are_allowed_and_at_most_half_of_them_connections(
    soft: int, hard: int, left: tuple[int, ...]
) -> None:
    assert limits(soft, hard) == left
