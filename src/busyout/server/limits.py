"""How many files and connections may be open at a time."""

import resource
from typing import Final

FILES: Final = 8192
"""Most files that we ask the system for; connections count as files."""

CONNECTIONS: Final = 4096
"""Most connections of a listener that are served; others are told so."""


def raise_open_files() -> None:
    """Let this process open as many files as it may need, where its administrator lets it.

    Most systems begin with 1024 because of programs of old that cannot count further, and leave room above it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_connections() -> int:
    """Connections that leave half of the files that may be open to everything else."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CONNECTIONS if soft == resource.RLIM_INFINITY else min(CONNECTIONS, soft // 2)
