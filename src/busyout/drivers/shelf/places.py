"""Where the shelf keeps what: the plug-ins in the open, everything half-made or laid by in a hidden directory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

BACKROOM: Final = ".shelf"
"""Directory beside the plug-ins; no plug-in can be called so."""

MANIFEST: Final = ".manifest.json"
"""File within a plug-in that says what came with it."""


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one plug-in."""

    root: Path
    plugin: str

    @property
    def live(self) -> Path:
        """The plug-in itself."""
        return self.root / self.plugin

    @property
    def var(self) -> Path:
        """What belongs to the plug-in but does not come with it."""
        return self.live / "var"

    @property
    def tftpboot(self) -> Path:
        """What devices fetch."""
        return self.var / "tftpboot"

    @property
    def cache(self) -> Path:
        """What was downloaded for its packages."""
        return self.var / "cache"

    @property
    def records(self) -> Path:
        """A file for each package that is in place."""
        return self.var / "installed"

    @property
    def work(self) -> Path:
        """All that follows."""
        return self.root / BACKROOM / self.plugin

    @property
    def undo(self) -> Path:
        """What the last switch was, until it is settled or taken back."""
        return self.work / "undo.json"

    @property
    def previous(self) -> Path:
        """The plug-in that was in place before the last switch."""
        return self.work / "previous"

    @property
    def staged(self) -> Path:
        """Where a plug-in is being made, in a directory of its own."""
        return self.work / "staged"

    @property
    def discarded(self) -> Path:
        """What is being thrown away."""
        return self.work / "discarded"

    @property
    def removed(self) -> Path:
        """A plug-in that was taken away for good, and whose own files are still to be laid by."""
        return self.work / "removed"

    @property
    def kept(self) -> Path:
        """The `var` of a plug-in that was taken away: the operator's own files, for the next time."""
        return self.work / "kept"

    @property
    def scratch(self) -> Path:
        """Where filters work."""
        return self.work / "scratch"

    @property
    def change(self) -> Path:
        """A change of packages that has been decided, with all it needs to be finished or taken back."""
        return self.work / "change"
