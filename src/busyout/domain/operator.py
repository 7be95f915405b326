"""Who may do what."""

from collections.abc import Collection
from enum import IntEnum

from msgspec import Struct

from busyout.domain.commands import Command
from busyout.domain.errors import NotPermitted


class Level(IntEnum):
    """Privilege levels; each includes the ones below it."""

    MONITOR = 50
    ADMINISTRATOR = 100
    SECURITY_ADMINISTRATOR = 200

    @property
    def word(self) -> str:
        """The level as settings and the native API write it."""
        return self.name.lower().replace("_", "-")


LEVELS = {level.word: level for level in Level}


class Operator(Struct, frozen=True):
    """Somebody who may use the server."""

    name: str
    password_hash: str
    """argon2id, in PHC string format."""
    level: Level
    privileges: tuple[str, ...] = ()
    """Further rights by name, for faces that have them."""


class Caller(Struct, frozen=True):
    """Who is asking, and by which face."""

    name: str
    level: Level
    face: str
    address: str
    """Where the request came from; empty when it came from inside."""
    tenant: str = ""
    """The only tenant whose devices and provisioning key it may see; empty for every tenant."""
    privileges: tuple[str, ...] = ()
    """Further rights by name, for faces that have them."""


def require(caller: Caller, level: Level) -> None:
    """Let the caller pass or refuse.

    Raises:
        NotPermitted: The caller's level is below `level`.
    """
    if caller.level < level:
        raise NotPermitted(f"that needs level {level.word}; {caller.name} has {caller.level.word}")


def require_privileges(caller: Caller, privileges: Collection[str]) -> None:
    """Let the caller pass who has all of these; security administrators have every privilege.

    Raises:
        NotPermitted: One is missing; the message names it.
    """
    if caller.level >= Level.SECURITY_ADMINISTRATOR:
        return
    for privilege in privileges:
        if privilege not in caller.privileges:
            raise NotPermitted(f"that needs the privilege {privilege}, which {caller.name} has not")


def level_for(command: Command) -> Level:
    """The lowest level that may give a command."""
    del command  # every command changes an element
    return Level.ADMINISTRATOR
