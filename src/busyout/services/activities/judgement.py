"""Whether a command makes sense, before anything is changed."""

import math
from typing import Final

from busyout.domain.commands import Command, Configure, Drain, PackageCommand, PluginCommand, Restart, SynchronizeDevice
from busyout.domain.configuration.check import check
from busyout.domain.document import checked_id
from busyout.domain.drain import DrainPolicy, Within
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
    if isinstance(command, Drain | Restart):
        _policy(command.policy)
    if isinstance(command, Configure) and (findings := check(command.tables)):
        raise InvalidConfiguration(findings)
    if isinstance(command, PluginCommand | PackageCommand):
        _id(command.plugin)
    if isinstance(command, PackageCommand):
        _id(command.package)
    if isinstance(command, SynchronizeDevice):
        checked_id(command.device)


def _id(text: str) -> None:
    if not ID.fullmatch(text):
        raise InvalidValue(f"{text[:128]!r} cannot be an id: letters, digits, dots, dashes and underscores")


def _policy(policy: DrainPolicy) -> None:
    if isinstance(policy, Within) and not (math.isfinite(policy.seconds) and 0 <= policy.seconds <= LONGEST_WAIT):
        raise InvalidValue(f"seconds is between 0 and {LONGEST_WAIT:.0f}")
