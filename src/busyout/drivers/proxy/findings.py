"""What keeps the embedded engine from working by certain tables. No I/O."""

from busyout.domain.configuration.check import check
from busyout.domain.configuration.tables import Tables

EVERYWHERE = "0.0.0.0"  # noqa: S104 - it is refused


def findings_of(tables: Tables) -> tuple[str, ...]:
    """One sentence for each thing that is wrong; empty when the engine can work by them."""
    own = [
        f"interface {row.index}: this engine needs one address to name itself by, not {EVERYWHERE}"
        for row in tables.interface
        if row.address == EVERYWHERE
    ]
    if not tables.interface:
        own.append("interface: there is no row, so there is no address to listen on")
    return (*check(tables), *own)
