"""What can be asked of an element: commands and drain policies, tagged by `type`."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from busyout.wire.native.configuration import Tables

LONGEST_WAIT = 31_536_000.0
"""Most seconds that a policy or an extension may name: one year."""

AtDeadline = Literal["force", "abort", "extend"]
"""`force` ends the calls that are left, `abort` puts the element back, `extend` waits for as long again."""


class Immediately(Struct, frozen=True, tag="immediately", forbid_unknown_fields=True):
    """Do not wait: end the calls in progress at once."""


class Within(Struct, frozen=True, tag="within", forbid_unknown_fields=True):
    """Wait so many seconds at the most."""

    seconds: Annotated[float, Meta(gt=0, le=LONGEST_WAIT)]


class UntilIdle(Struct, frozen=True, tag="until_idle", forbid_unknown_fields=True):
    """Wait until every call has ended by itself."""


Policy = Immediately | Within | UntilIdle


class Drain(Struct, frozen=True, tag="drain", forbid_unknown_fields=True):
    """Take the element out of service without cutting a call."""

    policy: Policy = UntilIdle()
    at_deadline: AtDeadline = "force"


class Restore(Struct, frozen=True, tag="restore", forbid_unknown_fields=True):
    """Put the element back into service."""


class Restart(Struct, frozen=True, tag="restart", forbid_unknown_fields=True):
    """Drain the element, restart its engine, and put it back into service."""

    policy: Policy = UntilIdle()
    at_deadline: AtDeadline = "force"
    save: bool = True
    """Whether the running configuration is saved first."""


class Commit(Struct, frozen=True, tag="commit", forbid_unknown_fields=True):
    """Save the running configuration as the startup one."""


class Configure(Struct, frozen=True, tag="configure", forbid_unknown_fields=True):
    """Replace the running configuration, live."""

    tables: Tables
    expected: Annotated[str, Meta(max_length=128)] | None = None
    """Digest that the running configuration must have now; null to replace whatever is there."""


class TakeOver(Struct, frozen=True, tag="take_over", forbid_unknown_fields=True):
    """Replace the engine's process by a new one that keeps the calls."""


Id = Annotated[str, Meta(min_length=1, max_length=128)]
"""What a plug-in or a package is called."""


class InstallPlugin(Struct, frozen=True, tag="install_plugin", forbid_unknown_fields=True):
    """Bring a plug-in that is not there from the repository and put it in place."""

    plugin: Id
    """Id of the plug-in."""


class UpgradePlugin(Struct, frozen=True, tag="upgrade_plugin", forbid_unknown_fields=True):
    """Put what the repository has now in the place of a plug-in that is there."""

    plugin: Id
    """Id of the plug-in."""


class UninstallPlugin(Struct, frozen=True, tag="uninstall_plugin", forbid_unknown_fields=True):
    """Take a plug-in away; the operator's own templates and files are kept for a later install."""

    plugin: Id
    """Id of the plug-in."""


class UpdatePlugins(Struct, frozen=True, tag="update_plugins", forbid_unknown_fields=True):
    """Bring the repository's index of plug-ins."""


class InstallPackage(Struct, frozen=True, tag="install_package", forbid_unknown_fields=True):
    """Bring the files of a plug-in's package and put them in place."""

    plugin: Id
    """Id of the plug-in, which is in place."""
    package: Id
    """Id of the package."""


class UpgradePackage(Struct, frozen=True, tag="upgrade_package", forbid_unknown_fields=True):
    """Put what the plug-in offers now in the place of a package that is there."""

    plugin: Id
    """Id of the plug-in, which is in place."""
    package: Id
    """Id of the package."""


class UninstallPackage(Struct, frozen=True, tag="uninstall_package", forbid_unknown_fields=True):
    """Take away what a plug-in's package has put in place."""

    plugin: Id
    """Id of the plug-in, which is in place."""
    package: Id
    """Id of the package."""


class SynchronizeDevice(Struct, frozen=True, tag="synchronize_device", forbid_unknown_fields=True):
    """Render the configuration of a device anew from what it is configured with."""

    device: Id
    """Id of the device."""


class SwitchMode(Struct, frozen=True, tag="switch_mode", forbid_unknown_fields=True):
    """Refuse requests to the context services, wait for those in progress, and put another mode into force."""

    mode: Literal["production", "maintenance"]
    policy: Policy = Within(60.0)
    """How long requests in progress are waited for; when they take longer, the old mode stays. None is ever cut."""


class DeleteExtension(Struct, frozen=True, tag="delete_extension", forbid_unknown_fields=True):
    """Delete an extension of profiles, services, states or tasks, with all its records."""

    subject: Literal["profile", "service", "state", "task"]
    name: str
    """Of the extension, in any case."""


class CreateKey(Struct, frozen=True, tag="create_key", forbid_unknown_fields=True):
    """Let customers be found by some of their attributes, those that there are included."""

    name: str
    attributes: tuple[str, ...]
    """The first before the others: customers can be found by leading ones, too."""
    source: str = "profile"
    """`profile`, or the extension of profiles that has the attributes."""
    unique: bool = False
    """Whether no two customers may have the same values; refused whole where two have."""


class DeleteKey(Struct, frozen=True, tag="delete_key", forbid_unknown_fields=True):
    """Let customers no longer be found by an identification key."""

    name: str
    """Of the key, in any case."""


class PurgeServices(Struct, frozen=True, tag="purge_services", forbid_unknown_fields=True):
    """Forget old services of customers, with their states, tasks and records."""

    before: Annotated[str, Meta(max_length=40)]
    """`2026-01-01T00:00:00.000Z`: those that started before it go, or ended where `which` says so."""
    which: Literal[
        "purge.service.all",
        "purge.service.started",
        "purge.service.started.anonymous",
        "purge.service.completed",
        "purge.service.completed.anonymous",
    ]


Command = (
    Drain
    | Restore
    | Restart
    | Commit
    | Configure
    | TakeOver
    | UpdatePlugins
    | InstallPlugin
    | UpgradePlugin
    | UninstallPlugin
    | InstallPackage
    | UpgradePackage
    | UninstallPackage
    | SynchronizeDevice
    | SwitchMode
    | DeleteExtension
    | CreateKey
    | DeleteKey
    | PurgeServices
)


class Extension(Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /v1/operations/{id}/extend`."""

    seconds: Annotated[float, Meta(gt=0, le=LONGEST_WAIT)]
    """Added to the deadline of the drain."""
