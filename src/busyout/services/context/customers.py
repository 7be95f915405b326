"""Customers: made, read, changed, found by their identification keys."""

from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from secrets import randbelow
from typing import Any, Final, Protocol

from msgspec.structs import replace

from busyout.domain.context.customer import (
    RANDOM,
    Customer,
    Profile,
    Records,
    Seen,
    check_complete,
    check_something,
    customer_id,
    profile_of,
)
from busyout.domain.context.errors import NoSuchCustomer
from busyout.domain.context.identify import question_of
from busyout.domain.context.importing import Imported, ImportRequest
from busyout.domain.context.records import MAX_SIZE, changed_record, check_size, check_unique, place_of, size_of
from busyout.domain.context.schema import Extension, Subject
from busyout.domain.errors import InvalidValue
from busyout.domain.operator import Caller
from busyout.ports.clock import Clock
from busyout.ports.context_customers import CustomerIndex, CustomerRegister
from busyout.services.audit import Audit
from busyout.services.context.importing import Importing
from busyout.services.context.schemas import ContextSchemas

MAX_FOUND: Final = 1000
"""Most customers that one question finds: the first by id."""

MAX_PROFILES: Final = 100
"""Most customers that are told whole in one answer; of the others only the id. Fewer where they are very large."""


class CustomerStore(CustomerRegister, CustomerIndex, Protocol):
    """What customers are kept in."""


class Customers:
    """Keeps customers."""

    def __init__(
        self, store: CustomerStore, schemas: ContextSchemas, audit: Audit, clock: Clock, importing: Importing
    ) -> None:
        self._store = store
        self._schemas = schemas
        self._audit = audit
        self._clock = clock
        self._importing = importing
        self._numbers = count(randbelow(RANDOM))
        """What ids end with: other servers begin elsewhere."""

    async def open(self) -> None:
        """Give up the import that an earlier life of this server was carrying out."""
        await self._importing.open()

    async def tidy(self) -> None:
        """Remove what is left of imports that are not carried out any more."""
        await self._importing.tidy()

    async def import_file(self, caller: Caller, request: ImportRequest) -> Imported:
        """Take in a file of customers, whole or not at all; see `Importing.import_file`."""
        return await self._importing.import_file(caller, request)

    async def create(self, caller: Caller, said: Mapping[str, Any]) -> str:
        """Keep a new customer; returns the id that it is given.

        Raises:
            InvalidValue: That is no profile.
            UniqueValueTaken: Another customer has the same values of a unique key.
        """
        schemas = self._schemas.schemas
        profile = profile_of(schemas, said)
        check_complete(schemas, profile.records)
        check_something(profile.attributes, profile.records)
        customer = Customer(
            customer_id(self._clock.now(), next(self._numbers) % RANDOM), profile.attributes, profile.records
        )
        audit = self._audit.entry(caller, "customer.create", customer.id, after=self._named(profile))
        await self._store.add(customer, schemas, audit=audit)
        return customer.id

    async def read(self, customer: str, *, extensions: tuple[str, ...]) -> Seen:
        """A customer with the extensions of those names.

        Raises:
            NoSuchCustomer, NoSuchExtension
        """
        wanted = self._extensions(extensions)
        return Seen((await self._store.find(customer, wanted),), extensions=wanted)

    async def replace(self, caller: Caller, customer: str, said: Mapping[str, Any]) -> None:
        """Put all attributes in the place of a customer's, and the records of the extensions that are named.

        Raises:
            InvalidValue: That is no profile.
            NoSuchCustomer, UniqueValueTaken
        """
        schemas = self._schemas.schemas
        profile = profile_of(schemas, said)

        def change(before: Customer) -> Customer:
            records = {**before.records, **profile.records}
            check_complete(schemas, records)
            check_something(profile.attributes, records)
            return replace(before, attributes=profile.attributes, records=records)

        audit = self._audit.entry(caller, "customer.replace", customer, after=self._named(profile))
        await self._store.change(customer, change, schemas, audit=audit)

    async def delete(self, caller: Caller, customer: str) -> None:
        """Forget a customer with its records, its services, and their states and tasks.

        Raises:
            NoSuchCustomer: There is none of that id.
        """
        await self._store.remove(customer, audit=self._audit.entry(caller, "customer.delete", customer))

    async def put_extensions(self, caller: Caller, customer: str, said: Mapping[str, Any]) -> None:
        """Put records in the place of those that a customer has of the extensions that are named.

        Raises:
            InvalidValue: It names none, or something else too.
            NoSuchCustomer, UniqueValueTaken
        """
        schemas = self._schemas.schemas
        profile = profile_of(schemas, said)
        if profile.attributes or not profile.records:
            raise InvalidValue("the body names extensions, and nothing else")

        def change(before: Customer) -> Customer:
            records = {**before.records, **profile.records}
            check_complete(schemas, records)
            return replace(before, records=records)

        audit = self._audit.entry(caller, "customer.extend", customer, after=self._named(profile))
        await self._store.change(customer, change, schemas, audit=audit)

    async def update_record(self, caller: Caller, customer: str, extension: str, document: Mapping[str, Any]) -> None:
        """Change the record of an extension that has the same unique attributes.

        Raises:
            InvalidValue: The document is no record, or lacks a unique attribute.
            NoSuchCustomer, NoSuchExtension, NoSuchRecord, UniqueValueTaken
        """
        own = self._schemas.schemas.extension(Subject.PROFILE, extension)

        def change(before: Customer) -> Customer:
            records = before.records.get(own.id, ())
            place = place_of(own, records, document)
            changed = changed_record(own, records[place], document)
            after = (*records[:place], changed, *records[place + 1 :])
            check_unique(own, after)
            check_size(_with(before, own, after).values())
            return replace(before, records=_with(before, own, after))

        audit = self._audit.entry(caller, "customer.record.update", customer, after={"extensions": [own.name]})
        await self._store.change(customer, change, self._schemas.schemas, audit=audit)

    async def delete_record(self, caller: Caller, customer: str, extension: str, document: Mapping[str, Any]) -> None:
        """Remove the record of an extension that has the same unique attributes.

        Raises:
            InvalidValue: The document lacks a unique attribute.
            NoSuchCustomer, NoSuchExtension, NoSuchRecord
        """
        schemas = self._schemas.schemas
        own = schemas.extension(Subject.PROFILE, extension)

        def change(before: Customer) -> Customer:
            records = before.records.get(own.id, ())
            place = place_of(own, records, document)
            after = _with(before, own, (*records[:place], *records[place + 1 :]))
            check_complete(schemas, after)
            return replace(before, records=after)

        audit = self._audit.entry(caller, "customer.record.delete", customer, after={"extensions": [own.name]})
        await self._store.change(customer, change, schemas, audit=audit)

    async def identify(
        self,
        asked: Mapping[str, str],
        *,
        key: str | None,
        profile: bool,
        extensions: tuple[str, ...],
        only_unique: bool,
    ) -> Seen:
        """Customers that have the attributes, by id; without `profile`, nothing but their ids and extensions.

        With `only_unique`, extensions are told only where there is exactly one. Of more than `MAX_PROFILES`, those
        after them are told by their ids; so are those after the one with which an answer has `MAX_SIZE` characters.

        Raises:
            NoSuchKey, NoSuchExtension
            NoKeyUsable: No key begins with an attribute that is given.
            InvalidValue: A value is none of its attribute's.
        """
        question = question_of(self._schemas.schemas, asked, key)
        wanted = self._extensions(extensions)
        found = await self._store.identify(question, limit=MAX_FOUND)
        if only_unique and len(found) != 1:
            wanted = ()
        whole = found[:MAX_PROFILES] if profile or wanted else ()
        profiles, left = await self._still_there(whole, wanted)
        seen = profiles if profile else [replace(one, attributes={}) for one in profiles]
        return Seen(tuple(seen), (*left, *found[len(whole) :]), wanted)

    async def _still_there(
        self, found: tuple[str, ...], wanted: tuple[Extension, ...]
    ) -> tuple[list[Customer], tuple[str, ...]]:
        """Customers that were found, but those that somebody has removed meanwhile; and who is too much to tell."""
        there: list[Customer] = []
        size = 0
        for place, customer in enumerate(found):
            if size >= MAX_SIZE:
                return there, found[place:]
            with suppress(NoSuchCustomer):
                one = await self._store.find(customer, wanted)
                there.append(one)
                size += size_of((*one.records.values(), (one.attributes,)))
        return there, ()

    def _extensions(self, names: tuple[str, ...]) -> tuple[Extension, ...]:
        schemas = self._schemas.schemas
        return tuple(schemas.extension(Subject.PROFILE, name) for name in names)

    def _named(self, profile: Profile) -> dict[str, list[str]]:
        """What the audit trail keeps of a profile: names, never values."""
        extensions: list[str] = []
        if profile.records:
            names = {extension.id: extension.name for extension in self._schemas.schemas.extensions}
            extensions = sorted(names[id] for id in profile.records)
        return {"attributes": sorted(profile.attributes), "extensions": extensions}


def _with(customer: Customer, extension: Extension, records: tuple[Any, ...]) -> Records:
    return {**customer.records, extension.id: records}
