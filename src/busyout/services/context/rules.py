"""What operators have set of the context services."""

from dataclasses import dataclass
from pathlib import Path

from busyout.domain.context.attribute import Attribute
from busyout.domain.context.business import BusinessAttribute
from busyout.domain.drain import DrainPolicy
from busyout.domain.mode import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRules:
    """All of it; see `busyout.settings.context` for the defaults."""

    core: tuple[Attribute, ...]
    """Attributes of every profile; empty where there is no profile schema."""
    business_attributes: tuple[BusinessAttribute, ...]
    map_names: bool
    """Whether values of business attributes are told by name."""
    prefixes: tuple[str, ...]
    """What the addresses of the face begin with; one of them may be empty."""
    use_role: bool
    """Whether privileges count, instead of levels."""
    to_production: DrainPolicy
    """How long a switch to production waits for requests that work on schemas."""
    to_maintenance: DrainPolicy
    """How long a switch to maintenance waits for requests on data."""
    status_during_switch: bool
    """Whether the status can be read while the mode is being switched."""
    schema_create_in_production: bool
    """Whether extensions can be added in production."""
    start_mode: Mode | None
    """The mode that the very first start decides; None for what fits the profile schema. Later starts go on in the mode
    that was in force."""
    import_directory: Path | None
    """Where files to import lie; None where nothing can be imported."""
    export_directory: Path | None
    """Where exported files are put; None where nothing can be exported to files."""

    @property
    def has_profile_schema(self) -> bool:
        """Whether profiles have attributes; without, there are no profiles, and no production."""
        return bool(self.core)
