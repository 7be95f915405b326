"""Steps written to files, as the truth that outlives a process: what began, what ended, in which process."""

import asyncio
import os
from pathlib import Path

STEPS = 5
LOOK_INTERVAL = 0.05
"""Seconds between two looks whether held operations may go on."""


class Journal:
    """Operations of `STEPS` steps; an operation whose name ends in a number is held in the step of that number."""

    def __init__(self, home: Path, *, holding: bool) -> None:
        self._home = home
        self._holding = holding

    async def advance(self, operation: str) -> bool:
        """Do the next step, reading from the file which one that is."""
        step = len(self.lines(operation, "end"))
        if step >= STEPS:
            return True
        self._write(operation, f"begin {step}")
        if self._holding and operation.endswith(str(step)):
            await self._held()
        self._write(operation, f"end {step}")
        return step + 1 >= STEPS

    def lines(self, operation: str, kind: str) -> list[str]:
        """Steps that began or ended, in order."""
        file = self._home / operation
        text = file.read_text("ascii") if file.exists() else ""
        return [line.split()[1] for line in text.splitlines() if line.startswith(kind)]

    def let_go(self) -> None:
        """Let held operations go on, in whatever process they are."""
        (self._home / "let-go").touch()

    async def _held(self) -> None:
        while not (self._home / "let-go").exists():
            await asyncio.sleep(LOOK_INTERVAL)

    def _write(self, operation: str, line: str) -> None:
        with (self._home / operation).open("a", encoding="ascii") as file:
            file.write(f"{line} {os.getpid()}\n")
