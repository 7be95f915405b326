"""Which faces there are: one line for each."""

from collections.abc import Callable, Mapping
from typing import Final

from busyout.domain.errors import InvalidValue
from busyout.faces.mediant import routes as mediant
from busyout.faces.native import routes as native
from busyout.faces.provd import routes as provd
from busyout.faces.ucs import routes as ucs
from busyout.http import Authenticator, Face
from busyout.server.house import House
from busyout.services.tokens import Tokens

Maker = Callable[[House, Authenticator, str, Callable[[], bool]], Face]
"""Makes a face of the house, for those who may come in, for an element (empty for all of them), ready or not."""

FACES: Final[Mapping[str, Maker]] = {
    "mediant": lambda house, operators, element, ready: mediant.build(house.services, operators, element=element),
    "native": lambda house, operators, element, ready: native.build(house.services, operators, ready=ready),
    "provd": lambda house, operators, element, ready: provd.build(
        house.services, operators, tokens=isinstance(operators, Tokens)
    ),
    "ucs": lambda house, operators, element, ready: ucs.build(house.services, operators),
}


def face_of(
    name: str, house: House, operators: Authenticator, *, element: str | None, ready: Callable[[], bool]
) -> Face:
    """A face by its name.

    Raises:
        InvalidValue: There is none of that name.
    """
    if name not in FACES:
        raise InvalidValue(f"there is no face {name!r}; there are {', '.join(sorted(FACES))}")
    return FACES[name](house, operators, element or "", ready)
