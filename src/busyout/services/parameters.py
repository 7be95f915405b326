"""The parameters of the provisioning: in effect at once, kept over a restart, and above what the settings say."""

import logging
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from busyout.domain.audit import AuditRecord
from busyout.domain.errors import InvalidValue, NoSuchParameter
from busyout.domain.event import Event
from busyout.domain.operator import Caller, Level, require
from busyout.domain.parameter import (
    BY_ID,
    PARAMETERS,
    PROVISIONING_KEY,
    Parameter,
    Value,
    hidden,
    masked,
    plugin_server,
    provisioning_key,
)
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
    """Reads and sets the parameters. Who names a tenant means its provisioning key too; others see nothing of keys."""

    def __init__(self, store: ParameterList, events: Events, audit: Audit, *, plugin_server: str | None) -> None:
        """`plugin_server` is what holds until somebody sets another one."""
        self._store = store
        self._events = events
        self._audit = audit
        self._defaults: dict[str, Value] = {parameter.id: parameter.default for parameter in PARAMETERS}
        self._defaults["plugin_server"] = plugin_server
        self._values = dict(self._defaults)
        self._keys: dict[str, str] = {}
        """Provisioning keys, by tenant."""
        self._edition = 0

    async def open(self) -> None:
        """Take in what was set, here or by another server; leave out what is no value any more."""
        edition = self._edition
        kept, keys = await self._store.all(), await self._store.keys()
        if edition == self._edition:  # otherwise somebody has set one while the store was read
            self._values = {**self._defaults, **dict(self._acceptable(kept))}
            self._keys = keys

    def all(self, *, tenant: str | None = None) -> tuple[Setting, ...]:
        """Every parameter, in the order in which they are listed; with a tenant, its provisioning key at the end."""
        settings = tuple(self._setting(parameter) for parameter in PARAMETERS)
        return settings if tenant is None else (*settings, self._key(tenant))

    def get(self, id: str, *, tenant: str | None = None) -> Setting:
        """One parameter.

        Raises:
            NoSuchParameter: There is none of that id.
        """
        if tenant is not None and id == PROVISIONING_KEY.id:
            return self._key(tenant)
        return self._setting(_parameter(id))

    async def set(self, caller: Caller, id: str, value: object, *, tenant: str | None = None) -> Setting:
        """Give a parameter a value; what is fetched, listed or judged from now on obeys it.

        Raises:
            NotPermitted: The caller is no administrator.
            NoSuchParameter: There is none of that id.
            InvalidValue: The value is not acceptable; the message is the one that provd's clients know.
        """
        require(caller, Level.ADMINISTRATOR)
        if tenant is not None and id == PROVISIONING_KEY.id:
            await self._set_key(caller, tenant, provisioning_key(value))
        else:
            await self._set(caller, id, self._read(id, value))
        return self.get(id, tenant=tenant)

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

    async def _set(self, caller: Caller, id: str, value: Value) -> None:
        before, after = {"value": masked(self._values[id])}, {"value": masked(value)}
        audit, event = self._told(caller, id, before, after)
        stored = await self._store.put(id, value, audit=audit, event=event)
        self._values[id] = value
        self._taken_in(stored)

    async def _set_key(self, caller: Caller, tenant: str, key: str | None) -> None:
        before, after = ({"tenant": tenant, "value": hidden(one)} for one in (self._keys.get(tenant), key))
        audit, event = self._told(caller, PROVISIONING_KEY.id, before, after)
        stored = await self._store.put_key(tenant, key, audit=audit, event=event)
        if key is None:
            self._keys.pop(tenant, None)
        else:
            self._keys[tenant] = key
        self._taken_in(stored)

    def _read(self, id: str, value: object) -> Value:
        """The value that somebody means; the plug-in server of the settings, or what is below it, may be set again.

        Raises:
            NoSuchParameter: There is none of that id.
            InvalidValue: The value is not acceptable.
        """
        home = self._defaults["plugin_server"]
        if id == "plugin_server" and isinstance(home, str) and f"{value}/".startswith(f"{home.rstrip('/')}/"):
            return plugin_server(value)
        return _parameter(id).read(value)

    def _acceptable(self, kept: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
        for id, value in kept.items():
            try:
                yield id, self._read(id, value)
            except (InvalidValue, NoSuchParameter) as error:
                log.warning("parameter_left_out", extra={"parameter": id, "reason": str(error)})

    def _told(
        self, caller: Caller, id: str, before: dict[str, Value], after: dict[str, Value]
    ) -> tuple[AuditRecord, Event]:
        """What the trail and the events have of a change; no secret is in `before` and `after`."""
        audit = self._audit.entry(caller, "parameter.set", id, before=before, after=after)
        return audit, msgspec.structs.replace(self._events.new("parameter.changed"), data={"parameter": id, **after})

    def _taken_in(self, stored: Event) -> None:
        self._edition += 1
        self._events.publish((stored,))

    def _text(self, id: str) -> str | None:
        value = self._values[id]
        return value if isinstance(value, str) else None

    def _setting(self, parameter: Parameter) -> Setting:
        return Setting(parameter.id, parameter.description(self.locale), self._values[parameter.id])

    def _key(self, tenant: str) -> Setting:
        return Setting(PROVISIONING_KEY.id, PROVISIONING_KEY.description(self.locale), self._keys.get(tenant))


def _parameter(id: str) -> Parameter:
    try:
        return BY_ID[id]
    except KeyError:
        raise NoSuchParameter(f"there is no parameter {id!r}") from None
