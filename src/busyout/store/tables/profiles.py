"""Profiles, and who inherits from whom."""

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, func, select, update

from busyout.domain.audit import AuditRecord
from busyout.domain.errors import DocumentExists, InvalidValue, NoSuchProfile, NotDeletable
from busyout.domain.profile import Profile
from busyout.store.appending import append_audit
from busyout.store.content import encode
from busyout.store.database import Connection, Database
from busyout.store.schema_directory import profile_parents, profiles
from busyout.store.seal import Seal
from busyout.store.statement import Statement, insert_into, insert_unless
from busyout.store.tables.document_pages import page_of, rows_of
from busyout.store.tables.lineage import (
    check_lineage,
    family,
    find_profile,
    outdate_heirs,
    profile_of_row,
    sealed_profiles,
)

MAX_PROFILES = 100_000
"""Most profiles."""

_ADD = insert_unless(profiles, "id", returning=profiles.c.number)
_COUNT = Statement(select(func.count()).select_from(profiles))
_WRITE = Statement(
    update(profiles)
    .where(profiles.c.id == bindparam("of_id"))
    .values(role=bindparam("new_role"), transient=bindparam("new_transient"), document=bindparam("new_document"))
)
_REMOVE = Statement(delete(profiles).where(profiles.c.id == bindparam("of_id")))
_ADD_PARENT = insert_into(profile_parents)
_REMOVE_PARENTS = Statement(delete(profile_parents).where(profile_parents.c.profile == bindparam("of_id")))
_OF_ROLE = Statement(
    select(profiles).where(profiles.c.role == bindparam("of_role")).order_by(profiles.c.number).limit(1)
)


class ProfileTable:
    """Implements `ProfileRegister` and `ProfileIndex`.

    Audit entries come first in each unit: they keep other writers away, so that what is checked stays true.
    """

    def __init__(self, database: Database, seal: Seal, *, most: int = MAX_PROFILES) -> None:
        self._database = database
        self._documents = sealed_profiles(seal)
        self._most = most

    async def add(self, profile: Profile, *, audit: AuditRecord) -> Profile:
        """Keep a new profile; see `ProfileRegister.add`."""
        return await self._database.run(lambda connection: self._add(connection, profile, audit))

    async def replace(self, profile: Profile, *, audit: AuditRecord) -> Profile:
        """Put a profile in the place of the one of its id; see `ProfileRegister.replace`."""
        return await self._database.run(lambda connection: self._replace(connection, profile, audit))

    async def remove(self, profile: str, *, audit: AuditRecord) -> None:
        """Forget a profile; see `ProfileRegister.remove`."""
        await self._database.run(lambda connection: self._remove(connection, profile, audit))

    async def find(self, profile: str) -> Profile:
        """One profile; see `ProfileIndex.find`."""
        return await self._database.look_up(lambda connection: self._found(connection, profile))

    async def family(self, profile: str) -> dict[str, Profile]:
        """A profile and all that it inherits from; see `ProfileIndex.family`."""
        return await self._database.read(lambda connection: family(connection, self._documents, profile))

    async def of_role(self, role: str) -> Profile | None:
        """The profile of a role that was added first; None where there is none."""
        row = await self._database.read(lambda connection: connection.first(_OF_ROLE, of_role=role))
        return profile_of_row(self._documents, row) if row is not None else None

    async def page(self, equal: Mapping[str, str], *, after: int, limit: int) -> tuple[Profile, ...]:
        """Profiles by number; see `ProfileIndex.page`."""
        return await self._database.read(
            lambda connection: tuple(
                profile_of_row(self._documents, row)
                for row in page_of(connection, profiles.c.document, equal, after=after, limit=limit)
            )
        )

    async def numbered(self, numbers: tuple[int, ...]) -> tuple[Profile, ...]:
        """The profiles of those numbers that are still there, in that order."""
        return await self._database.read(
            lambda connection: tuple(
                profile_of_row(self._documents, row) for row in rows_of(connection, profiles.c.document, numbers)
            )
        )

    def _found(self, connection: Connection, profile: str) -> Profile:
        found = find_profile(connection, self._documents, profile)
        if found is None:
            raise NoSuchProfile(f"there is no config {profile!r}")
        return found

    def _add(self, connection: Connection, profile: Profile, audit: AuditRecord) -> Profile:
        append_audit(connection, audit)
        row = connection.first(
            _ADD,
            id=profile.id,
            role=profile.role,
            transient=profile.transient,
            document=self._documents.written(profile.id, profile.document),
        )
        if row is None:
            raise DocumentExists(profile.id)
        if connection.all(_COUNT)[0][0] > self._most:
            raise InvalidValue(f"there are {self._most} configs already, and no more can be kept")
        _write_parents(connection, profile)
        outdate_heirs(connection, profile.id)
        return Profile(row[0], profile.id, profile.document)

    def _replace(self, connection: Connection, profile: Profile, audit: AuditRecord) -> Profile:
        known = self._found(connection, profile.id)
        if encode(known.document) == encode(profile.document):
            return known
        append_audit(connection, audit)
        changed = connection.change(
            _WRITE,
            of_id=profile.id,
            new_role=profile.role,
            new_transient=profile.transient,
            new_document=self._documents.written(profile.id, profile.document),
        )
        if not changed:
            raise NoSuchProfile(f"there is no config {profile.id!r}")
        connection.change(_REMOVE_PARENTS, of_id=profile.id)
        _write_parents(connection, profile)
        outdate_heirs(connection, profile.id)
        return Profile(known.number, profile.id, profile.document)

    def _remove(self, connection: Connection, profile: str, audit: AuditRecord) -> None:
        append_audit(connection, audit)
        if not self._found(connection, profile).deletable:
            raise NotDeletable(f"The document {profile} is not deletable")
        outdate_heirs(connection, profile)
        connection.change(_REMOVE, of_id=profile)


def _write_parents(connection: Connection, profile: Profile) -> None:
    for parent in profile.parents:
        connection.change(_ADD_PARENT, profile=profile.id, parent=parent)
    check_lineage(connection, profile.id)
