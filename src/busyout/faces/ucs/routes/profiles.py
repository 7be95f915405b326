"""Customer profiles (pages "Profile Operations"): made, read, changed, found by a key, imported."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from msgspec import Struct

from busyout.faces.ucs.routes.base import DONE, GONE, Base
from busyout.faces.ucs.translate import asked, profiles
from busyout.http import Caller, Reply, Request, RequestClass, Route, unless_gone
from busyout.wire.ucs import privileges as may
from busyout.wire.ucs.messages import CustomerId, encoded


class Wanted(Struct, frozen=True):
    """Query of one profile."""

    extensions: str = ""
    """Names of the extensions to be told, separated by commas."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """The handlers."""

    base: Base

    async def create(self, request: Request[object, None]) -> Reply:
        """A new profile."""
        document = profiles.profile_of(request.body)
        self._also(request.caller, document, may.CREATE_PROFILE_EXTENSION)
        await self.base.services.modes.check_profile_schema(request.caller)
        customer = await self.base.services.customers.create(request.caller, document)
        return self.base.created(f"/profiles/{customer}", CustomerId(customer))

    async def read(self, request: Request[None, Wanted]) -> Reply:
        """A profile, with the extensions that are asked for."""
        extensions = asked.names_of(request.query.extensions)
        if extensions:
            self.base.rights.also(request.caller, may.READ_PROFILE_EXTENSION)
        await self.base.services.modes.check_profile_schema(request.caller)
        seen = await self.base.services.customers.read(request.path["customer"], extensions=extensions)
        return Reply(body=encoded(profiles.told(seen)[0]))

    async def replace(self, request: Request[object, None]) -> Reply:
        """Put all attributes, and the extensions that are there, in the place of a profile's."""
        document = profiles.profile_of(request.body, request.path["customer"])
        self._also(request.caller, document, may.UPDATE_PROFILE_EXTENSION)
        await self.base.services.modes.check_profile_schema(request.caller)
        await self.base.services.customers.replace(request.caller, request.path["customer"], document)
        return GONE

    async def delete(self, request: Request[None, None]) -> Reply:
        """Forget a profile with all that belongs to the customer."""
        await self.base.services.modes.check_profile_schema(request.caller)
        await self.base.services.customers.delete(request.caller, request.path["customer"])
        return DONE

    async def identify(self, request: Request[None, dict[str, str]]) -> Reply:
        """Customers that some attributes belong to."""
        wanted = profiles.identification_of(request.query)
        if wanted.extensions:
            self.base.rights.also(request.caller, may.READ_PROFILE_EXTENSION)
        await self.base.services.modes.check_profile_schema(request.caller)
        found = await self.base.services.customers.identify(
            wanted.attributes,
            key=wanted.key,
            profile=wanted.profile,
            extensions=wanted.extensions,
            only_unique=wanted.only_unique,
        )
        return Reply(body=encoded(profiles.told(found)))

    async def put_extensions(self, request: Request[object, None]) -> Reply:
        """Put records of extensions in the place of those that a profile has."""
        document = profiles.profile_of(request.body, request.path["customer"])
        await self.base.services.modes.check_profile_schema(request.caller)
        await self.base.services.customers.put_extensions(request.caller, request.path["customer"], document)
        return DONE

    async def update_record(self, request: Request[object, None]) -> Reply:
        """Change one record, found by its unique attributes."""
        document, path = asked.document_of(request.body), request.path
        await self.base.services.modes.check_profile_schema(request.caller)
        await self.base.services.customers.update_record(request.caller, path["customer"], path["extension"], document)
        return GONE

    async def delete_record(self, request: Request[object, dict[str, str]]) -> Reply:
        """Remove one record, found by its unique attributes in the body or in the query."""
        document, path = asked.remark_of(request.body), request.path
        await self.base.services.modes.check_profile_schema(request.caller)
        schemas = self.base.services.context_schemas.schemas
        record = profiles.record_of(schemas, path["extension"], document, request.query)
        await self.base.services.customers.delete_record(request.caller, path["customer"], path["extension"], record)
        return GONE

    async def import_file(self, request: Request[object, None]) -> Reply:
        """Take in a file of profiles that lies on the server, whole or not at all; while the client waits for it."""
        wanted = profiles.import_of(asked.document_of(request.body))
        await self.base.services.modes.check_profile_schema(request.caller)
        importing = self.base.services.customers.import_file(request.caller, wanted)
        imported = await unless_gone(importing, request.gone)
        return GONE if imported is None else Reply(body=encoded(imported))

    def _also(self, caller: Caller, document: Mapping[str, object], privilege: str) -> None:
        """Ask for a further privilege where a profile comes with extensions."""
        if profiles.has_extensions(self.base.services.context_schemas.schemas, document):
            self.base.rights.also(caller, privilege)


def routes(base: Base) -> Iterator[Route]:
    """Everything below /profiles."""
    service, kind = Profiles(base), RequestClass.DATA
    one = "/profiles/{customer}"
    record = f"{one}/extensions/{{extension}}/by/unique"
    yield base.write("POST", "/profiles", service.create, (may.CREATE_PROFILE,), kind)
    yield base.read("/profiles", service.identify, (may.READ_PROFILE,), kind, query=dict)
    yield base.write("POST", "/profiles/import", service.import_file, (may.CREATE_PROFILE,), kind)
    yield base.read(one, service.read, (may.READ_PROFILE,), kind, query=Wanted)
    yield base.write("PUT", one, service.replace, (may.UPDATE_PROFILE,), kind)
    yield base.write("DELETE", one, service.delete, (may.DELETE_PROFILE,), kind)
    yield base.write("POST", f"{one}/extensions", service.put_extensions, (may.CREATE_PROFILE_EXTENSION,), kind)
    yield base.write("PUT", record, service.update_record, (may.UPDATE_PROFILE_EXTENSION,), kind)
    removal = base.write("DELETE", record, service.delete_record, (may.DELETE_PROFILE_EXTENSION,), kind)
    yield replace(removal, body=object, query=dict)
