"""The resources of provd, below each prefix that its clients know."""

from typing import Final

from busyout.faces.provd import errors
from busyout.faces.provd.ready import Ready
from busyout.faces.provd.routes import configs, configuring, devices, links, packages, plugins
from busyout.faces.provd.routes.base import WAZO, XIVO, Base
from busyout.faces.provd.translate import asked
from busyout.http import Authenticator, Face, Manners, Services, Wording
from busyout.wire.provd import media

PREFIXES: Final = (XIVO, WAZO)

HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-cache"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"Origin, X-Requested-With, Accept, Content-Type, X-Auth-Token, Wazo-Tenant",
    ),
    (b"access-control-allow-credentials", b"false"),
    (b"access-control-expose-headers", b"Location"),
)
"""Wire notes, 1.2. Lists may be kept by those who ask each time whether they have changed."""

PARTS: Final = (links, configuring, plugins, packages, devices, configs)


def build(services: Services, operators: Authenticator, *, tokens: bool = False) -> Face:
    """The face; with `tokens`, callers say who they are by `X-Auth-Token`."""
    ready = Ready()
    bases = tuple(Base(services, prefix, ready) for prefix in PREFIXES)
    return Face(
        name="provd",
        prefixes=PREFIXES,
        routes=tuple(route for base in bases for part in PARTS for route in part.routes(base)),
        operators=operators,
        statuses=errors.STATUSES,
        worded=errors.worded,
        error_type=media.TEXT,
        answers_options=False,
        manners=Manners(
            headers=HEADERS,
            accepts=media.accepts,
            takes=media.takes,
            decode=asked.body,
            slash=False,
            preflight=True,
            hides=False,
            credentials="X-Auth-Token" if tokens else "Authorization",
            challenge=None if tokens else 'Basic realm="Busyout"',
            ambient=not tokens,
            wording=Wording(wanted=media.wants_problems, media_type=media.PROBLEM, worded=errors.problem),
        ),
    )
