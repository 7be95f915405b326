"""Whether a command makes sense, before anything is changed."""

import math
from typing import Final

from busyout.domain.commands import (
    Command,
    Configure,
    CreateKey,
    DeleteExtension,
    DeleteKey,
    Drain,
    PackageCommand,
    PluginCommand,
    PurgeServices,
    Restart,
    SwitchMode,
    SynchronizeDevice,
)
from busyout.domain.configuration.check import check
from busyout.domain.context.definition import MAX_KEY_ATTRIBUTES
from busyout.domain.context.moment import moment_of
from busyout.domain.context.names import checked_name
from busyout.domain.context.schema import PROFILE
from busyout.domain.document import checked_id
from busyout.domain.drain import DrainPolicy, Immediately, Within
from busyout.domain.errors import InvalidConfiguration, InvalidValue
from busyout.domain.plugin import ID

LONGEST_WAIT: Final = 365 * 86_400.0
"""Longest drain with a deadline, and most that one request adds to it, in seconds: one year."""


def acceptable(command: Command) -> None:
    """Let a command pass.

    Raises:
        InvalidValue: A number is out of its range, or an id cannot be one.
        InvalidConfiguration: The tables are wrong.
    """
    if isinstance(command, Drain | Restart | SwitchMode):
        _policy(command.policy)
    if isinstance(command, SwitchMode) and isinstance(command.policy, Immediately):
        raise InvalidValue("requests in progress cannot be cut: the policy is within or until_idle")
    if isinstance(command, Configure) and (findings := check(command.tables)):
        raise InvalidConfiguration(findings)
    if isinstance(command, PluginCommand | PackageCommand):
        _id(command.plugin)
    if isinstance(command, PackageCommand):
        _id(command.package)
    if isinstance(command, SynchronizeDevice):
        checked_id(command.device)
    if isinstance(command, DeleteExtension | CreateKey | DeleteKey):
        checked_name(command.name)
    if isinstance(command, CreateKey):
        _key(command)
    if isinstance(command, PurgeServices) and moment_of(command.before) is None:
        raise InvalidValue("before is a moment, yyyy-MM-ddTHH:mm:ss.SSSZ, of the years 1 to 9999")


def _id(text: str) -> None:
    if not ID.fullmatch(text):
        raise InvalidValue(f"{text[:128]!r} cannot be an id: letters, digits, dots, dashes and underscores")


def _key(command: CreateKey) -> None:
    """What is not known here is found by the step, which knows what is defined."""
    if not 1 <= len(command.attributes) <= MAX_KEY_ATTRIBUTES:
        raise InvalidValue(f"an identification key has from 1 to {MAX_KEY_ATTRIBUTES} attributes")
    for name in (*command.attributes, *(() if command.source == PROFILE else (command.source,))):
        checked_name(name)


def _policy(policy: DrainPolicy) -> None:
    if isinstance(policy, Within) and not (math.isfinite(policy.seconds) and 0 <= policy.seconds <= LONGEST_WAIT):
        raise InvalidValue(f"seconds is between 0 and {LONGEST_WAIT:.0f}")
