"""Who may do what: privileges by name where roles are used, levels where they are not (wire notes, 1.5)."""

from collections.abc import Callable
from dataclasses import dataclass

from busyout.domain.operator import Caller, Level, require, require_privileges


@dataclass(frozen=True, slots=True)
class Rights:
    """The rule that is in force."""

    use_role: bool
    """Whether privileges count; otherwise every operator may read, and administrators may write."""

    def needing(self, level: Level, *privileges: str) -> Callable[[Caller], None]:
        """Lets those pass who have all privileges, or the level; refuses the others before anything is done."""
        if self.use_role:
            return lambda caller: require_privileges(caller, privileges)
        return lambda caller: require(caller, level)

    def also(self, caller: Caller, *privileges: str) -> None:
        """Let those pass who have further privileges, which the contents of a request ask for.

        Raises:
            NotPermitted: One is missing.
        """
        if self.use_role:
            require_privileges(caller, privileges)
