"""What can be asked of an element, as values tagged by `type`."""

from msgspec import Struct

from busyout.domain.configuration.tables import Tables, digest
from busyout.domain.context.schema import Subject
from busyout.domain.context.upkeep import Purge
from busyout.domain.drain import AtDeadline, DrainPolicy, UntilIdle, Within
from busyout.domain.mode import Mode


class Drain(Struct, frozen=True, tag="drain", forbid_unknown_fields=True):
    """Take the element out of service without cutting a call."""

    policy: DrainPolicy = UntilIdle()
    at_deadline: AtDeadline = AtDeadline.FORCE


class Restore(Struct, frozen=True, tag="restore", forbid_unknown_fields=True):
    """Put the element back into service."""


class Restart(Struct, frozen=True, tag="restart", forbid_unknown_fields=True):
    """Drain the element, restart its engine, and put it back into service."""

    policy: DrainPolicy = UntilIdle()
    at_deadline: AtDeadline = AtDeadline.FORCE
    save: bool = True
    """Whether the running configuration is saved first; otherwise its unsaved changes are lost."""


class Commit(Struct, frozen=True, tag="commit", forbid_unknown_fields=True):
    """Save the running configuration, so that it is in effect after the next start."""


class Configure(Struct, frozen=True, tag="configure", forbid_unknown_fields=True):
    """Replace the running configuration, live."""

    tables: Tables
    expected: str | None = None
    """Digest that the running configuration must have; None to replace whatever is there."""


class TakeOver(Struct, frozen=True, tag="take_over", forbid_unknown_fields=True):
    """Replace the engine's process by a new one that keeps the calls and the counts."""


class InstallPlugin(Struct, frozen=True, tag="install_plugin", forbid_unknown_fields=True):
    """Bring a plug-in that is not there from the repository and put it in place."""

    plugin: str
    """Id of the plug-in, as the index has it."""


class UpgradePlugin(Struct, frozen=True, tag="upgrade_plugin", forbid_unknown_fields=True):
    """Put what the repository has now in the place of a plug-in that is there."""

    plugin: str
    """Id of the plug-in, as the index has it."""


class UninstallPlugin(Struct, frozen=True, tag="uninstall_plugin", forbid_unknown_fields=True):
    """Take a plug-in away; the operator's own templates and files are kept for a later install."""

    plugin: str
    """Id of the plug-in."""


class UpdatePlugins(Struct, frozen=True, tag="update_plugins", forbid_unknown_fields=True):
    """Bring the repository's index of plug-ins."""


class InstallPackage(Struct, frozen=True, tag="install_package", forbid_unknown_fields=True):
    """Bring the files of a plug-in's package and put them in place."""

    plugin: str
    """Id of the plug-in, which is in place."""
    package: str
    """Id of the package, as the plug-in has it."""


class UpgradePackage(Struct, frozen=True, tag="upgrade_package", forbid_unknown_fields=True):
    """Put what the plug-in offers now in the place of a package that is there."""

    plugin: str
    """Id of the plug-in, which is in place."""
    package: str
    """Id of the package, as the plug-in has it."""


class UninstallPackage(Struct, frozen=True, tag="uninstall_package", forbid_unknown_fields=True):
    """Take away what a plug-in's package has put in place."""

    plugin: str
    """Id of the plug-in, which is in place."""
    package: str
    """Id of the package."""


class SynchronizeDevice(Struct, frozen=True, tag="synchronize_device", forbid_unknown_fields=True):
    """Render the configuration of a device anew from what it is configured with."""

    device: str
    """Id of the device."""


class SwitchMode(Struct, frozen=True, tag="switch_mode", forbid_unknown_fields=True):
    """Refuse requests to the context services, wait for those in progress, and put another mode into force."""

    mode: Mode
    policy: DrainPolicy = Within(60.0)
    """How long requests in progress are waited for; when they take longer, the old mode stays. None is ever cut."""


class DeleteExtension(Struct, frozen=True, tag="delete_extension", forbid_unknown_fields=True):
    """Delete an extension of profiles, services, states or tasks, with all its records."""

    subject: Subject
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

    before: str
    """`2026-01-01T00:00:00.000Z`: those that started before it go, or ended where `which` says so."""
    which: Purge
    """All of them, those that go on, or those that have ended; of everybody, or of nobody who is a customer."""


def in_short(command: "Command") -> object:
    """What the audit trail keeps of a command: all of it, but of tables their digest."""
    if isinstance(command, Configure):
        return {"type": "configure", "digest": digest(command.tables), "expected": command.expected}
    return command


ServiceCommand = Drain | Restore | Restart | Commit | Configure | TakeOver
"""What is done to an element as a whole."""

PluginCommand = InstallPlugin | UpgradePlugin | UninstallPlugin
"""What is done to one plug-in."""

PackageCommand = InstallPackage | UpgradePackage | UninstallPackage
"""What is done to one package of a plug-in."""

SchemaCommand = DeleteExtension | CreateKey | DeleteKey
"""What is done to what is defined of the context of customers."""

ContextCommand = SwitchMode | SchemaCommand | PurgeServices
"""What is done to the context services."""

Command = ServiceCommand | UpdatePlugins | PluginCommand | PackageCommand | SynchronizeDevice | ContextCommand
