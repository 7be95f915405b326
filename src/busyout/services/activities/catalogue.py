"""Which steps each command is made of."""

from typing import Final

from busyout.domain.commands import (
    Command,
    Commit,
    Configure,
    ContextCommand,
    CreateKey,
    DeleteExtension,
    DeleteKey,
    Drain,
    InstallPackage,
    InstallPlugin,
    PackageCommand,
    PluginCommand,
    PurgeServices,
    Restart,
    Restore,
    SchemaCommand,
    ServiceCommand,
    SwitchMode,
    SynchronizeDevice,
    TakeOver,
    UninstallPackage,
    UninstallPlugin,
    UpdatePlugins,
    UpgradePackage,
    UpgradePlugin,
)
from busyout.domain.context.names import folded
from busyout.domain.context.schema import UNNUMBERED, IdentificationKey
from busyout.domain.engine import Capability
from busyout.domain.operation import Operation
from busyout.services.activities.admit import Admit
from busyout.services.activities.configure import ApplyTables
from busyout.services.activities.context.delete_extension import DeleteRecords
from busyout.services.activities.context.keys import BuildKey, RemoveKey
from busyout.services.activities.context.purge_services import ForgetServices
from busyout.services.activities.drain import DrainCalls
from busyout.services.activities.plugins.install import Download, Finish, PutInPlace, Verify
from busyout.services.activities.plugins.packages import DownloadFiles, InstallFiles, TakeFilesAway
from busyout.services.activities.plugins.uninstall import TakeAway
from busyout.services.activities.plugins.update import CheckIndex, DownloadIndex, ReplaceIndex
from busyout.services.activities.restart import RestartEngine
from busyout.services.activities.save import Save
from busyout.services.activities.switch_mode import RefuseRequests, WaitAndChange
from busyout.services.activities.synchronize import RenderConfiguration
from busyout.services.activities.take_over import TakeOverEngine
from busyout.services.job import Action

SERVICE: Final = "service"
"""The lane of what takes an element out of service, configures it, or puts it back."""


def lane(command: Command) -> str:
    """Which lane of its element a command holds: one unsettled operation in each."""
    match command:
        case UpdatePlugins():
            return "content/plugins"
        case (
            InstallPlugin()
            | UpgradePlugin()
            | UninstallPlugin()
            | InstallPackage()
            | UpgradePackage()
            | UninstallPackage()
        ):
            return f"content/plugin/{command.plugin}"
        case SynchronizeDevice(device=device):
            return f"content/device/{device}"
        case DeleteExtension() | CreateKey() | DeleteKey() | PurgeServices():
            return _content_of_context(command)
        case _:
            return SERVICE


def _content_of_context(command: SchemaCommand | PurgeServices) -> str:
    match command:
        case DeleteExtension(subject=subject, name=name):
            return f"content/extension/{subject.value}/{folded(name)}"
        case CreateKey(name=name) | DeleteKey(name=name):
            return f"content/key/{folded(name)}"
        case PurgeServices():
            return "content/services"


def plan(command: Command) -> tuple[Action, ...]:
    """The steps of a command, in order."""
    match command:
        case UpdatePlugins():
            return (DownloadIndex(), CheckIndex(), ReplaceIndex())
        case InstallPlugin() | UpgradePlugin() | UninstallPlugin():
            return _plugin_plan(command)
        case InstallPackage() | UpgradePackage() | UninstallPackage():
            return _package_plan(command)
        case SynchronizeDevice(device=device):
            return (RenderConfiguration(device),)
        case SwitchMode() | DeleteExtension() | CreateKey() | DeleteKey() | PurgeServices():
            return _context_plan(command)
        case _:
            return _service_plan(command)


def _service_plan(command: ServiceCommand) -> tuple[Action, ...]:
    match command:
        case Drain(policy=policy, at_deadline=at_deadline):
            return (DrainCalls(policy, at_deadline),)
        case Restore():
            return (Admit(),)
        case Restart(policy=policy, at_deadline=at_deadline, save=save):
            steps = (DrainCalls(policy, at_deadline), RestartEngine(), Admit(after=DrainCalls.label))
            return (Save(), *steps) if save else steps
        case Commit():
            return (Save(),)
        case Configure(tables=tables, expected=expected):
            return (ApplyTables(tables, expected),)
        case TakeOver():
            return (TakeOverEngine(),)


def _plugin_plan(command: PluginCommand) -> tuple[Action, ...]:
    plugin = command.plugin
    if isinstance(command, UninstallPlugin):
        return (TakeAway(plugin), Finish(plugin, gone=True))
    upgrade = isinstance(command, UpgradePlugin)
    return (Download(plugin, upgrade=upgrade), Verify(plugin), PutInPlace(plugin), Finish(plugin))


def _package_plan(command: PackageCommand) -> tuple[Action, ...]:
    plugin, package = command.plugin, command.package
    if isinstance(command, UninstallPackage):
        return (TakeFilesAway(plugin, package),)
    upgrade = isinstance(command, UpgradePackage)
    return (DownloadFiles(plugin, package, upgrade=upgrade), InstallFiles(plugin, package))


def _context_plan(command: ContextCommand) -> tuple[Action, ...]:
    match command:
        case SwitchMode(mode=mode, policy=policy):
            return (RefuseRequests(mode, policy), WaitAndChange(mode, policy))
        case DeleteExtension(subject=subject, name=name):
            return (DeleteRecords(subject, name),)
        case CreateKey(name=name, source=source, attributes=attributes, unique=unique):
            return (BuildKey(IdentificationKey(UNNUMBERED, name, source, attributes, unique)),)
        case DeleteKey(name=name):
            return (RemoveKey(name),)
        case PurgeServices(before=before, which=which):
            return (ForgetServices(before, which),)


def moves_engine(operation: Operation) -> bool:
    """Whether the operation is just now ending and starting the engine's process, so that nobody else must."""
    current = operation.current
    return current is not None and operation.steps[current].label in (RestartEngine.label, TakeOverEngine.label)


def needs(command: Command) -> frozenset[Capability]:
    """What an element must be able to do for a command."""
    if isinstance(command, UpdatePlugins | PluginCommand | PackageCommand | SynchronizeDevice):
        return frozenset({Capability.PROVISIONING})
    if isinstance(command, ContextCommand):
        return frozenset({Capability.CONTEXT})
    return frozenset({Capability.TAKEOVER}) if isinstance(command, TakeOver) else frozenset()
