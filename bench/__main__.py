"""`python -m bench [NAME …]`: measure every promise, or those that are named; ends with 1 when one is not kept."""

import os
import subprocess
import sys
import time

from bench.outcome import MISSED, SKIPPED

SCRIPTS = (
    *("status", "drain", "engine", "operation_start", "start", "memory", "events"),
    *("provd_list", "provd_unchanged", "provd_configuration", "provd_operation", "provd_install", "provd_monitors"),
    *("ucs_identify", "ucs_create", "ucs_switch", "ucs_import", "gate"),
)
"""In the order in which they run, one at a time."""


def main(names: list[str]) -> int:
    """Run the scripts one after the other; the exit code."""
    unknown = set(names) - set(SCRIPTS)
    if unknown:
        print(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(SCRIPTS)}", file=sys.stderr)
        return 2
    begun = time.monotonic()
    print(f"{os.cpu_count()} processors, load before {_load()}", flush=True)
    codes = [subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode for name in names]
    missed, skipped = sum(code not in (0, SKIPPED) for code in codes), codes.count(SKIPPED)
    told = f"{len(codes) - missed - skipped} kept, {missed} missed, {skipped} skipped"
    print(f"{told} in {time.monotonic() - begun:.0f} s, load after {_load()}")
    return MISSED if missed else 0


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(SCRIPTS)))
