"""What happens once: the operator `admin` gets a password, and the estate its elements."""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from busyout.domain.audit import AuditRecord
from busyout.domain.configuration.tables import Tables
from busyout.domain.element import Element
from busyout.domain.errors import InvalidConfiguration
from busyout.domain.operator import LEVELS, Caller, Level, Operator
from busyout.ports.clock import Clock
from busyout.ports.store import OperatorList
from busyout.services.operators import hash_password, password_matches
from busyout.services.roster import Roster
from busyout.settings import ElementSettings, OperatorSettings, Settings, admin_password

ADMIN: Final = "admin"

SYSTEM: Final = Caller("busyout", Level.SECURITY_ADMINISTRATOR, "server", "")
"""In whose name the server itself acts."""

PASSWORD_FILE: Final = "admin-password"  # noqa: S105 - the name of a file
"""File in the data directory that holds the password of the first start."""


async def operators_of(
    settings: Settings, kept: OperatorList, clock: Clock, environ: Mapping[str, str]
) -> tuple[Operator, ...]:
    """Every operator: those of the settings, and `admin` with a password of its own."""
    admin = next((operator for operator in await kept.all() if operator.name == ADMIN), None)
    wanted = admin_password(environ)
    if any(operator.name == ADMIN for operator in settings.operators):
        return tuple(_operator(operator) for operator in settings.operators)
    if admin is None or (wanted is not None and not password_matches(admin.password_hash, wanted)):
        admin = await _give_password(settings.server.data, kept, clock, wanted)
    return (admin, *(_operator(operator) for operator in settings.operators))


async def _give_password(data: Path, kept: OperatorList, clock: Clock, wanted: str | None) -> Operator:
    password = wanted or secrets.token_urlsafe(18)
    admin = Operator(ADMIN, hash_password(password), Level.SECURITY_ADMINISTRATOR)
    audit = AuditRecord(clock.now(), SYSTEM.name, SYSTEM.face, "", "operator.put", ADMIN)
    if wanted is None:
        write_private(data / PASSWORD_FILE, password + "\n")
        sys.stderr.write(f"First start: operator {ADMIN!r}, password {password} (kept in {data / PASSWORD_FILE})\n")
    else:
        (data / PASSWORD_FILE).unlink(missing_ok=True)
    await kept.put(admin, audit=audit)
    return admin


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(text)


async def take_in_new(settings: Settings, roster: Roster, known: tuple[str, ...]) -> None:
    """Add the elements of the settings that the store does not know yet.

    Raises:
        InvalidConfiguration: The tables of an element are wrong; the message names it.
        InvalidValue: Its driver is unknown.
    """
    for element in settings.elements:
        if element.name not in known:
            await roster.add(SYSTEM, element_of(element, settings.server.retry_after), tables_of(element))


def element_of(element: ElementSettings, retry_after: int) -> Element:
    """An element as the settings describe it."""
    return Element(
        name=element.name,
        kind=element.kind,
        driver=element.driver,
        options=element.options,
        retry_after=element.retry_after or retry_after,
    )


def tables_of(element: ElementSettings) -> Tables:
    """Its configuration.

    Raises:
        InvalidConfiguration: There is a table or a column that we do not know, or a value of a wrong type.
    """
    try:
        return msgspec.convert(element.configuration, Tables)
    except msgspec.ValidationError as error:
        raise InvalidConfiguration((f"elements.{element.name}.configuration: {error}",)) from error


def _operator(operator: OperatorSettings) -> Operator:
    return Operator(operator.name, operator.password_hash, LEVELS[operator.level], operator.privileges)
