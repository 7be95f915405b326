"""provd: one plug-in, from POST to success, without the time that its package takes to come.

Forty plug-ins are installed one after the other from a repository on this machine, each followed by `Prefer: wait`. The
same package is fetched by a plain client right before each.
"""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from bench.outcome import Outcome, show
from bench.provd import INSTALL, House, house

PROMISE = "provd: install of a plug-in, p50"
GOAL: Final = 50.0
"""Milliseconds beside the download."""

WARM: Final = 5
COUNT: Final = 40
CONTENT: Final = {f"templates/{number}.tpl": b"{{ line }}\n" * 100 for number in range(20)}


async def measure() -> Outcome:
    """Offer, fetch, install."""
    with TemporaryDirectory(prefix="busyout-bench-") as home:
        async with house(Path(home)) as made:
            names = [f"acme-{number}" for number in range(WARM + COUNT)]
            packages = {name: made.repository.plugins.offer(name, files=CONTENT) for name in names}
            await made.done(f"{INSTALL}/update", {})
            times = [await _installed(made, name, packages[name]) for name in names][WARM:]
    downloads, installs = zip(*times, strict=True)
    own = median(install - download for download, install in times)
    found = (
        f"{own / GOAL:.2f} of {GOAL:.0f} ms: {median(installs):.0f} ms (the slowest {max(installs):.0f}), of which "
        f"{median(downloads):.1f} ms are the download; the incumbent's recorded installs took 35 to 136 ms"
    )
    return Outcome(PROMISE, f"under {GOAL:.0f} ms beside the download", own < GOAL, found)


async def _installed(made: House, name: str, package: str) -> tuple[float, float]:
    """Milliseconds of the download alone, and of the installation."""
    begun = time.perf_counter()
    async with made.http.get(f"{made.repository.site.url}/{package}") as answer:
        await answer.read()
    fetched = time.perf_counter()
    await made.done(f"{INSTALL}/install", {"id": name})
    return 1e3 * (fetched - begun), 1e3 * (time.perf_counter() - fetched)


if __name__ == "__main__":
    show(PROMISE, measure)
