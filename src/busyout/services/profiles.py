"""Profiles: what devices are configured with, inherited, and made after a template."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, Protocol
from uuid import uuid4

from busyout.domain.document import Document
from busyout.domain.errors import NoSuchProfile
from busyout.domain.operator import Caller, Level, require
from busyout.domain.profile import AUTOCREATE, Profile, flattened, made_after, profile_of
from busyout.domain.selector import Query
from busyout.ports.directory import ProfileIndex, ProfileRegister
from busyout.services.audit import Audit
from busyout.services.devices import Devices
from busyout.services.documents import found, new_id

INDEXED: Final = ("id", "role")
"""Members that profiles are found by without reading the others."""


class ProfileStore(ProfileRegister, ProfileIndex, Protocol):
    """What profiles are kept in."""


class Profiles:
    """Keeps profiles, and has the devices rendered anew that one of them concerns."""

    def __init__(
        self, store: ProfileStore, devices: Devices, audit: Audit, *, base: Mapping[str, Any] | None = None
    ) -> None:
        """`base` is the raw configuration that every profile lies over."""
        self._store = store
        self._devices = devices
        self._audit = audit
        self._base = base or {}

    async def create(self, caller: Caller, document: object) -> Profile:
        """Keep a new profile; its id is its own, or a new one where it has none.

        Raises:
            NotPermitted: The caller is no administrator.
            InvalidValue: It is no profile, its id is no plain name, or it would inherit from itself.
            DocumentExists: There is one of that id.
        """
        require(caller, Level.ADMINISTRATOR)
        profile = profile_of(document, id=new_id(document))
        return await self._add(caller, profile)

    async def get(self, id: str) -> Profile:
        """One profile.

        Raises:
            NoSuchProfile: There is none of that id.
        """
        return await self._store.find(id)

    async def replace(self, caller: Caller, id: str, document: object) -> Profile:
        """Put a document in the place of a profile's.

        Devices that it concerns are not called configured until they are rendered anew: the first thousand of them
        before this returns, the others soon after.

        Raises:
            NotPermitted, NoSuchProfile
            InvalidValue: It is no profile, or would inherit from itself.
        """
        require(caller, Level.ADMINISTRATOR)
        before = await self._store.find(id)
        profile = profile_of(document, id=id)
        audit = self._audit.entry(
            caller,
            "profile.replace",
            id,
            before=self._audit.document(before.view),
            after=self._audit.document(profile.view),
        )
        kept = await self._store.replace(profile, audit=audit)
        await self._devices.catch_up()
        return kept

    async def delete(self, caller: Caller, id: str) -> None:
        """Forget a profile; devices that have it go on naming it, and are not configured any more.

        Raises:
            NotPermitted, NoSuchProfile
            NotDeletable: It says so of itself.
        """
        require(caller, Level.ADMINISTRATOR)
        before = await self._store.find(id)
        audit = self._audit.entry(caller, "profile.delete", id, before=self._audit.document(before.view))
        await self._store.remove(id, audit=audit)
        await self._devices.catch_up()

    def query(self, query: Query) -> AsyncIterator[Document]:
        """Documents that match, one after the other."""
        return found(self._store, query, indexed=INDEXED, within={})

    async def raw(self, id: str) -> Document:
        """The raw configuration of a profile over those that it inherits from, and over the base.

        Raises:
            NoSuchProfile: There is none of that id.
            InvalidValue: They are too many or too large to be laid over each other.
        """
        return flattened(id, await self._store.family(id), self._base)

    async def autocreate(self, caller: Caller) -> Profile:
        """A new profile for one device, made after the one of role `autocreate`; it goes with that device.

        Raises:
            NotPermitted: The caller is no administrator.
            NoSuchProfile: There is none of that role.
        """
        require(caller, Level.ADMINISTRATOR)
        template = await self._store.of_role(AUTOCREATE)
        if template is None:
            raise NoSuchProfile(f"there is no config of role {AUTOCREATE}")
        return await self._add(caller, made_after(template, suffix=str(uuid4())))

    async def _add(self, caller: Caller, profile: Profile) -> Profile:
        audit = self._audit.entry(caller, "profile.create", profile.id, after=self._audit.document(profile.view))
        kept = await self._store.add(profile, audit=audit)
        await self._devices.catch_up()
        return kept
