"""Between the messages of the Mediant REST API and what the services speak. No I/O."""

from collections.abc import Mapping
from hashlib import sha256
from ipaddress import AddressValueError, IPv4Address

from msgspec import Struct

from busyout.domain.commands import Commit, Restart
from busyout.domain.configuration.datastore import Datastore, Revision
from busyout.domain.drain import DrainPolicy, Immediately, UntilIdle, Within
from busyout.domain.element import ElementStatus
from busyout.domain.errors import ElementStarting
from busyout.domain.operation import Operation, OperationState
from busyout.domain.states import AdministrativeState, OperationalState
from busyout.faces.mediant.errors import NotSaved
from busyout.wire.mediant import messages
from busyout.wire.times import timestamp

COMMIT = Commit()

RUNNING = Datastore.RUNNING

OPERATIONAL_STATES: Mapping[AdministrativeState, messages.OperationalState] = {
    AdministrativeState.UNLOCKED: "UNLOCKED",
    AdministrativeState.SHUTTING_DOWN: "SHUTTING_DOWN",
    AdministrativeState.LOCKED: "LOCKED",
}
"""Section 8 prints the first; the others are what an operator of the device decides by lock and unlock."""

PRODUCT_TYPE = "Mediant SW"
"""As the document's own examples have it."""

NO_ADDRESS = "0.0.0.0"  # noqa: S104 - shown, never listened on
"""Shown where there is none to show."""


class Identity(Struct, frozen=True, kw_only=True):
    """What a device says of itself that changes with its configuration at the most."""

    digest: str
    """Of the running configuration that this was made from."""
    ip_address: str
    subnet_mask: str
    serial_number: str
    mac_address: str


def identity(running: Revision) -> Identity:
    """The identity of an element: its first interface, and numbers made from its name, so that they stay the same."""
    fingerprint = sha256(running.element.encode()).digest()
    interface = running.tables.interface
    address = interface[0].address if interface else NO_ADDRESS
    return Identity(
        digest=running.digest,
        ip_address=address,
        subnet_mask=subnet_mask(address),
        serial_number=f"{int.from_bytes(fingerprint[:6], 'big'):015d}",
        mac_address=f"02{fingerprint[:5].hex()}",
    )


def policy(graceful_timeout: float) -> DrainPolicy:
    """What `gracefulTimeout` asks for (section 5.1): 0 at once, 1 until all calls have ended, else seconds."""
    if graceful_timeout == 0:
        return Immediately()
    return UntilIdle() if graceful_timeout == 1 else Within(float(graceful_timeout))


def restart(reset: messages.Reset) -> Restart:
    """The command that a reset stands for."""
    return Restart(policy=policy(reset.graceful_timeout), save=reset.save_configuration)


def saved(operation: Operation) -> None:
    """Let pass an operation that has saved the configuration.

    Raises:
        NotSaved: It has failed, or is still at it.
    """
    if operation.state is not OperationState.SUCCEEDED:
        raise NotSaved(operation.reason or f"Device is still saving the configuration (operation {operation.id})")


def started(status: ElementStatus) -> None:
    """Let pass an element that answers (wire/mediant.md 6, 30).

    Raises:
        ElementStarting: It is starting, or gone.
    """
    if status.operational is OperationalState.DISABLED:
        raise ElementStarting("Device is starting")


def status(seen: ElementStatus, who: Identity, *, now: float) -> messages.Status:
    """The device status (section 8)."""
    return messages.Status(
        local_time_stamp=timestamp(now),
        ip_address=who.ip_address,
        subnet_mask=who.subnet_mask,
        default_gateway=NO_ADDRESS,
        product_type=PRODUCT_TYPE,
        version_id=seen.version,
        operational_state=OPERATIONAL_STATES[seen.element.administrative],
        serial_number=who.serial_number,
        mac_address=who.mac_address,
        system_up_time=0 if seen.up_since is None else max(0, int((now - seen.up_since) * 100)),
        save_needed=seen.running_digest != seen.startup_digest,
        reset_needed=seen.effective_digest not in ("", seen.running_digest),
    )


def subnet_mask(address: str) -> str:
    """The mask of a loopback address (RFC 1122); nothing is known of other networks."""
    try:
        return "255.0.0.0" if IPv4Address(address).is_loopback else NO_ADDRESS
    except AddressValueError:
        return NO_ADDRESS
