"""What the services know, in provd's messages; addresses begin with whatever prefix the client came by."""

from collections.abc import Iterable, Mapping

from busyout.services.parameters import Setting
from busyout.services.plugins import Listing
from busyout.wire.provd import messages


def links(base: str, services: Mapping[str, str]) -> messages.Links:
    """A document that points to the services of a resource, by their rel."""
    return messages.Links(tuple(messages.Link(rel, f"{base}/{name}") for rel, name in services.items()))


def params(base: str, settings: Iterable[Setting]) -> messages.Params:
    """Every parameter."""
    return messages.Params(
        tuple(
            messages.Param(
                setting.id,
                setting.description,
                setting.value,
                (messages.Link("srv.configure.param", f"{base}/{setting.id}"),),
            )
            for setting in settings
        )
    )


def param(setting: Setting) -> messages.ParamEnvelope:
    """One parameter."""
    return messages.ParamEnvelope(messages.ParamValue(setting.value))


def packages(listing: Listing) -> messages.Packages:
    """A list of plug-ins or of packages."""
    return messages.Packages(listing.entries)


def plugins(base: str, ids: Iterable[str]) -> messages.PluginLinks:
    """The plug-ins that are in place."""
    return messages.PluginLinks({id: messages.Links((messages.Link("pg.plugin", f"{base}/{id}"),)) for id in ids})
