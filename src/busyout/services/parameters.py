"""The parameters of the provisioning: in effect at once, kept over a restart, and above what the settings say."""

import logging
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from busyout.domain.errors import InvalidValue, NoSuchParameter
from busyout.domain.operator import Caller, Level, require
from busyout.domain.parameter import BY_ID, PARAMETERS, Parameter, Value, masked
from busyout.ports.repository import Access
from busyout.ports.store import ParameterList
from busyout.services.audit import Audit
from busyout.services.events import Events

log = logging.getLogger(__name__)


class Setting(Struct, frozen=True):
    """A parameter with its value."""

    id: str
    description: str
    """In the language of the locale."""
    value: Value


class Parameters:
    """Reads and sets the parameters."""

    def __init__(self, store: ParameterList, events: Events, audit: Audit, *, plugin_server: str | None) -> None:
        """`plugin_server` is what holds until somebody sets another one."""
        self._store = store
        self._events = events
        self._audit = audit
        self._defaults: dict[str, Value] = {parameter.id: parameter.default for parameter in PARAMETERS}
        self._defaults["plugin_server"] = plugin_server
        self._values = dict(self._defaults)
        self._edition = 0

    async def open(self) -> None:
        """Take in what was set, here or by another server; leave out what is no value any more."""
        edition = self._edition
        kept = dict(_acceptable(await self._store.all()))
        if edition == self._edition:  # otherwise somebody has set one while the store was read
            self._values = {**self._defaults, **kept}

    def all(self) -> tuple[Setting, ...]:
        """Every parameter, in the order in which they are listed."""
        return tuple(self._setting(parameter) for parameter in PARAMETERS)

    def get(self, id: str) -> Setting:
        """One parameter.

        Raises:
            NoSuchParameter: There is none of that id.
        """
        return self._setting(_parameter(id))

    async def set(self, caller: Caller, id: str, value: object) -> Setting:
        """Give a parameter a value; what is fetched, listed or judged from now on obeys it.

        Raises:
            NotPermitted: The caller is no administrator.
            NoSuchParameter: There is none of that id.
            InvalidValue: The value is not acceptable; the message is the one that provd's clients know.
        """
        require(caller, Level.ADMINISTRATOR)
        read = _parameter(id).read(value)
        before, after = {"value": masked(self._values[id])}, {"value": masked(read)}
        audit = self._audit.entry(caller, "parameter.set", id, before=before, after=after)
        event = self._events.new("parameter.changed", parameter=id, value=masked(read))
        stored = await self._store.put(id, read, audit=audit, event=event)
        self._values[id] = read
        self._edition += 1
        self._events.publish((stored,))
        return self.get(id)

    @property
    def access(self) -> Access:
        """How the outside may be reached now."""
        names = [field.name for field in msgspec.structs.fields(Access)]
        return msgspec.convert({name: self._values[name] for name in names}, Access)

    @property
    def plugin_server(self) -> str | None:
        """URL of the repository, as it was set; None for none."""
        return self._text("plugin_server")

    @property
    def locale(self) -> str | None:
        """Whose language descriptions are told in; None for English."""
        return self._text("locale")

    @property
    def behind_nat(self) -> bool:
        """Whether all the devices are behind a NAT, so that many may have one address."""
        return self._values["NAT"] == 1

    def _text(self, id: str) -> str | None:
        value = self._values[id]
        return value if isinstance(value, str) else None

    def _setting(self, parameter: Parameter) -> Setting:
        return Setting(parameter.id, parameter.description(self.locale), self._values[parameter.id])


def _parameter(id: str) -> Parameter:
    try:
        return BY_ID[id]
    except KeyError:
        raise NoSuchParameter(f"there is no parameter {id!r}") from None


def _acceptable(kept: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    for id, value in kept.items():
        try:
            yield id, _parameter(id).read(value)
        except (InvalidValue, NoSuchParameter) as error:
            log.warning("parameter_left_out", extra={"parameter": id, "reason": str(error)})
