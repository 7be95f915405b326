"""What the provisioning stands on, made from the settings."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from busyout.domain.errors import InvalidValue
from busyout.domain.monitor import MonitorBounds
from busyout.domain.parameter import plugin_server
from busyout.domain.signature import read_key
from busyout.drivers.registry import make_depot, make_repository, make_shelf, make_trust
from busyout.ports.clock import Clock
from busyout.server.outside import Supply
from busyout.settings import ProvisioningSettings


def supply_of(settings: ProvisioningSettings, home: Path, clock: Clock) -> Supply:
    """Everything below `home` and outside that the provisioning needs.

    Raises:
        InvalidValue: A value of the settings cannot be used; the message names its key.
    """
    server = settings.plugin_server
    try:
        plugin_server(server)
        key = None if settings.public_key is None else read_key(settings.public_key)
        repository = make_repository(
            clock, allow=settings.allow, folder=_folder(server), authorities=settings.authorities
        )
    except InvalidValue as error:
        raise InvalidValue(f"provisioning: {error}") from error
    shelf = make_shelf(home / "plugins")
    return Supply(
        repository=repository,
        trust=make_trust(key),
        shelf=shelf,
        packages=shelf,
        depot=make_depot(home),
        plugin_server=server,
        monitors=MonitorBounds(grace=settings.monitors_grace, kept=settings.monitors_kept),
    )


def _folder(server: str | None) -> Path | None:
    """The folder that a `file:` URL names."""
    parts = urlsplit(server or "")
    return Path(unquote(parts.path)) if parts.scheme == "file" else None
