"""Everything that a thief of the store would have."""

from pathlib import Path

from tests.store.direct import ask

TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'busyout'"


def stolen(url: str) -> bytes:
    """All bytes of an SQLite file and of what lies beside it; every row of every table of PostgreSQL."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return b"\n".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
    rows = [str(row) for (table,) in ask(url, TABLES) for row in ask(url, f"SELECT t::text FROM {table} t")]
    return "\n".join(rows).encode()
