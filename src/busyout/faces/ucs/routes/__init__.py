"""The resources of the context services, below each prefix that is configured."""

from typing import Final

from busyout.faces.ucs import errors
from busyout.faces.ucs.auth import Rights
from busyout.faces.ucs.routes import interactions, profiles, schemas, server, services, states, tasks, upkeep
from busyout.faces.ucs.routes.base import Base
from busyout.faces.ucs.tally import Tally
from busyout.faces.ucs.translate import asked
from busyout.http import Authenticator, Face, Manners, Route, Services
from busyout.wire.ucs.messages import MEDIA_TYPE

OWNED: Final = ("/server", "/metadata", "/profiles", "/customers", "/services", "/interactions", "/maintenance")
"""First segments of its addresses."""

PARTS: Final = (schemas, profiles, services, states, tasks, interactions, upkeep)

STATUS: Final = "/server/status"


def build(house: Services, operators: Authenticator) -> Face:
    """The face."""
    rules, gate = house.context_rules, house.gate
    tally = Tally(house.clock.now)
    bases = tuple(Base(house, prefix, Rights(rules.use_role)) for prefix in rules.prefixes)
    spared = frozenset(prefix + STATUS for prefix in rules.prefixes) if rules.status_during_switch else frozenset()

    def closed(path: str) -> None:
        if path not in spared:
            gate.check_open()

    return Face(
        name="ucs",
        prefixes=tuple(place for prefix in rules.prefixes for place in _places(prefix)),
        routes=tuple(route for base in bases for route in (*server.routes(base, tally), *_others(base))),
        operators=operators,
        statuses=errors.STATUSES,
        worded=errors.worded,
        error_type=MEDIA_TYPE,
        closed=closed,
        observed=tally.count,
        manners=Manners(decode=asked.body),
    )


def _places(prefix: str) -> tuple[str, ...]:
    """What is the face's below a prefix: everything, or what begins like its addresses where others share the root."""
    return (prefix,) if prefix else OWNED


def _others(base: Base) -> tuple[Route, ...]:
    return tuple(route for part in PARTS for route in part.routes(base))
