"""What is kept of devices and profiles. Each method is one unit of work, as in `ports.store`."""

from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct

from busyout.domain.audit import AuditRecord
from busyout.domain.device import Device, Rendering
from busyout.domain.dhcp import DhcpInfo
from busyout.domain.profile import Profile


class Ground(Struct, frozen=True):
    """What configurations are rendered on."""

    base: Mapping[str, Any]
    """Raw configuration that every profile lies over."""
    plugins: frozenset[str] | None
    """Ids of the plug-ins that are in place; None where nobody can tell, and then any plug-in will do."""
    at: float
    """Now, in seconds since the epoch."""


class DeviceRegister(Protocol):
    """Devices, each with its rendered configuration."""

    async def add(self, device: Device, *, ground: Ground, audit: AuditRecord) -> Device:
        """Keep a new device and render its configuration, if it can be; returns it as it is then.

        Raises:
            DocumentExists: There is one of that id.
            InvalidValue: There are too many devices.
        """

    async def replace(self, device: Device, *, ground: Ground, audit: AuditRecord) -> Device:
        """Put a device in the place of the one of its id, and render.

        A transient profile that nobody has any more goes.

        Raises:
            NoSuchDevice: There is none of that id.
        """

    async def remove(self, device: str, *, audit: AuditRecord) -> None:
        """Forget a device, its rendering, and a transient profile that nobody has any more.

        Raises:
            NoSuchDevice: There is none of that id.
        """

    async def render(self, device: str, *, ground: Ground, audit: AuditRecord | None) -> Device:
        """Render a device's configuration anew; returns it as it is then, configured or not.

        Raises:
            NoSuchDevice: There is none of that id.
        """

    async def sight(self, device: Device, info: DhcpInfo, *, alone: bool, ground: Ground, audit: AuditRecord) -> Device:
        """Write down the address of the device of that MAC; `device` is kept where there is none.

        Where there is a device of that address without a MAC, it is the one. With `alone`, the address is taken from
        every other device. When all is so already, nothing is written.

        Raises:
            InvalidValue: There are too many devices.
        """


class DeviceIndex(Protocol):
    """Devices, looked up."""

    async def find(self, device: str) -> Device:
        """One device.

        Raises:
            NoSuchDevice: There is none of that id.
        """

    async def page(self, equal: Mapping[str, str], *, after: int, limit: int) -> tuple[Device, ...]:
        """Devices with a number above `after` whose members of those names (of `INDEXED`) are equal to those texts.

        Fewer than `limit` where they are large; none only where there is none.
        """

    async def numbered(self, numbers: tuple[int, ...]) -> tuple[Device, ...]:
        """The devices of those numbers that are still there, in that order.

        Not the last ones where they are large; none only where none is there any more.
        """

    async def rendering(self, device: str) -> Rendering | None:
        """The rendered configuration of a device; None where there is none that is up to date."""

    async def outdate(self, plugin: str) -> None:
        """Mark every device of a plug-in for `render_outdated`; until then none is configured."""

    async def render_outdated(self, *, ground: Ground, limit: int) -> int:
        """Render at most so many devices whose profile or plug-in has changed; returns how many there were."""


class ProfileRegister(Protocol):
    """Profiles. What changes one marks the devices that have it, or inherit from it, for `render_outdated`."""

    async def add(self, profile: Profile, *, audit: AuditRecord) -> Profile:
        """Keep a new profile.

        Raises:
            DocumentExists: There is one of that id.
            InvalidValue: It would inherit from itself or over too many generations, or there are too many profiles.
        """

    async def replace(self, profile: Profile, *, audit: AuditRecord) -> Profile:
        """Put a profile in the place of the one of its id; nothing is written when they are equal.

        Raises:
            NoSuchProfile: There is none of that id.
            InvalidValue: It would inherit from itself or over too many generations.
        """

    async def remove(self, profile: str, *, audit: AuditRecord) -> None:
        """Forget a profile. Devices and profiles that name it go on naming it.

        Raises:
            NoSuchProfile: There is none of that id.
            NotDeletable: It says so of itself.
        """


class ProfileIndex(Protocol):
    """Profiles, looked up."""

    async def find(self, profile: str) -> Profile:
        """One profile.

        Raises:
            NoSuchProfile: There is none of that id.
        """

    async def family(self, profile: str) -> dict[str, Profile]:
        """A profile and all that it inherits from, by id.

        Raises:
            NoSuchProfile: There is none of that id.
            InvalidValue: They are too many or too large to be laid over each other.
        """

    async def of_role(self, role: str) -> Profile | None:
        """The profile of a role that was added first; None where there is none."""

    async def page(self, equal: Mapping[str, str], *, after: int, limit: int) -> tuple[Profile, ...]:
        """Profiles with a number above `after` whose members of those names (`id`, `role`) are equal to those texts.

        Fewer than `limit` where they are large; none only where there is none.
        """

    async def numbered(self, numbers: tuple[int, ...]) -> tuple[Profile, ...]:
        """The profiles of those numbers that are still there, in that order.

        Not the last ones where they are large; none only where none is there any more.
        """
