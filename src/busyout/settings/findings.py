"""What is wrong with settings, and where."""

from collections.abc import Sequence

from msgspec import Struct

Path = tuple[str | int, ...]
"""Where a value stands: names of tables and keys, numbers in lists from 0."""


class Finding(Struct, frozen=True):
    """One thing that is wrong."""

    path: Path
    message: str
    line: int | None = None
    """In the settings file, from 1; None where the value does not come from a line of it."""
    source: str = ""
    """The settings file or the environment variable; empty for a value given by the program."""

    @property
    def key(self) -> str:
        """The path as an operator writes it, such as `elements[0].name`; lists count from 0."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text

    def __str__(self) -> str:
        place = ":".join(part for part in (self.source, str(self.line or "")) if part)
        return ": ".join(part for part in (place, self.key, self.message) if part)


class InvalidSettings(Exception):
    """The settings are not acceptable."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)
        """Everything that is wrong, in the order of the file."""
