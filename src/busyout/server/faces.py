"""Which faces there are: one line for each."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from busyout.domain.errors import InvalidValue
from busyout.faces.mediant import routes as mediant
from busyout.faces.native import routes as native
from busyout.faces.provd import routes as provd
from busyout.faces.ucs import routes as ucs
from busyout.http import Authenticator, Face
from busyout.server.house import House
from busyout.services.tokens import Tokens
from busyout.settings import Settings

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


OF_ONE: Final = frozenset({"mediant"})
"""Faces that serve one element, and nothing where the settings name none."""


def require_elements(settings: Settings, names: Collection[str]) -> None:
    """Let settings pass whose faces serve elements that there are.

    Raises:
        InvalidValue: One is not, or a listener serves none; the message names it and its key.
    """
    for number, own in enumerate(settings.listeners):
        if own.face in OF_ONE and own.element is None and settings.faces[own.face].element is None:
            raise InvalidValue(f"listeners[{number}]: element is missing: the face {own.face} serves one element")
    named = [(f"faces.{name}.element", face.element) for name, face in settings.faces.items() if face.enabled]
    named += [(f"listeners[{number}].element", own.element) for number, own in enumerate(settings.listeners)]
    for key, name in named:
        if name is not None and name not in names:
            raise InvalidValue(f"{key}: there is no element {name!r}")


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
