"""Schemas (pages "Schema Operations"): extensions, identification keys, core attributes, business attributes."""

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Struct

from busyout.faces.ucs.routes.base import GONE, Base
from busyout.faces.ucs.translate import business, schemas
from busyout.http import Reply, Request, RequestClass, Route
from busyout.wire.ucs import privileges as may
from busyout.wire.ucs.messages import Named, encoded


class CvAttribute(Struct, frozen=True, rename={"cv_attribute": "cv-attribute"}):
    """Query of the business attributes."""

    cv_attribute: str = ""
    """Such as `Service.type`; empty for all."""


@dataclass(frozen=True, slots=True)
class Extensions:
    """The extensions of profiles, services, states or tasks."""

    base: Base
    subject: schemas.Subject
    path: str

    async def all(self, _request: Request[None, None]) -> Reply:
        """Every extension."""
        found = (one for one in self.base.services.context_schemas.schemas.extensions if one.subject is self.subject)
        return Reply(body=encoded([schemas.extension_told(one) for one in found]))

    async def one(self, request: Request[None, None]) -> Reply:
        """One extension."""
        found = self.base.services.context_schemas.schemas.extension(self.subject, request.path["name"])
        return Reply(body=encoded(schemas.extension_told(found)))

    async def add(self, request: Request[object, None]) -> Reply:
        """A new extension."""
        wanted = schemas.extension_of(self.subject, request.body)
        added = await self.base.services.context_schemas.add_extension(request.caller, wanted)
        return self.base.created(f"{self.path}/{added.name}", Named(added.name))

    async def remove(self, request: Request[None, None]) -> Reply:
        """Forget an extension and its records."""
        name = request.path["name"]
        await self.base.services.context_schemas.remove_extension(request.caller, self.subject, name)
        return GONE


@dataclass(frozen=True, slots=True)
class Keys:
    """Identification keys, core attributes, business attributes."""

    base: Base

    async def all(self, _request: Request[None, None]) -> Reply:
        """Every key."""
        return Reply(body=encoded([schemas.key_told(one) for one in self.base.services.context_schemas.schemas.keys]))

    async def one(self, request: Request[None, None]) -> Reply:
        """One key."""
        found = self.base.services.context_schemas.schemas.key(request.path["name"])
        return Reply(body=encoded(schemas.key_told(found)))

    async def add(self, request: Request[object, None]) -> Reply:
        """A new key, over the profiles that there are."""
        wanted = schemas.key_of(request.body)
        added = await self.base.services.context_schemas.add_key(request.caller, wanted)
        return self.base.created(f"/metadata/identification-keys/{added.name}", Named(added.name))

    async def remove(self, request: Request[None, None]) -> Reply:
        """Forget a key."""
        await self.base.services.context_schemas.remove_key(request.caller, request.path["name"])
        return GONE

    async def core(self, _request: Request[None, None]) -> Reply:
        """The attributes that every profile may have."""
        found = self.base.services.context_schemas.schemas.core
        return Reply(body=encoded([schemas.attribute_told(one) for one in found]))

    async def business(self, request: Request[None, CvAttribute]) -> Reply:
        """Business attributes."""
        known, asked = self.base.services.business, request.query.cv_attribute
        found = known.of(asked) if asked else known.all()
        return Reply(body=encoded([business.told(one) for one in found]))

    async def business_one(self, request: Request[None, None]) -> Reply:
        """One business attribute."""
        return Reply(body=encoded(business.told(self.base.services.business.one(request.path["name"]))))


OF = (
    (schemas.Subject.PROFILE, may.READ_PROFILE_SCHEMA, may.CREATE_PROFILE_SCHEMA, may.DELETE_PROFILE_SCHEMA),
    (schemas.Subject.SERVICE, may.READ_SERVICE_SCHEMA, may.CREATE_SERVICE_SCHEMA, may.DELETE_SERVICE_SCHEMA),
    (schemas.Subject.STATE, may.READ_STATE_SCHEMA, may.CREATE_STATE_SCHEMA, may.DELETE_STATE_SCHEMA),
    (schemas.Subject.TASK, may.READ_TASK_SCHEMA, may.CREATE_TASK_SCHEMA, may.DELETE_TASK_SCHEMA),
)
"""What has extensions, and what reading, creating and deleting these need."""


def routes(base: Base) -> Iterator[Route]:
    """Everything below /metadata."""
    for subject, read, create, delete in OF:
        path = f"/metadata/{subject.value}s/extensions"
        extensions = Extensions(base, subject, path)
        yield base.read(path, extensions.all, (read,), RequestClass.ANY)
        yield base.read(f"{path}/{{name}}", extensions.one, (read,), RequestClass.ANY)
        yield base.adding(base.write("POST", path, extensions.add, (create,), RequestClass.SCHEMA))
        yield base.write("DELETE", f"{path}/{{name}}", extensions.remove, (delete,), RequestClass.SCHEMA)
    services = Extensions(base, schemas.Subject.SERVICE, "/metadata/services/extensions")
    printed = "/metadata/services"  # in the example of "Query Service Extension Schema"
    yield base.read(printed, services.all, (may.READ_SERVICE_SCHEMA,), RequestClass.ANY)
    keys, path = Keys(base), "/metadata/identification-keys"
    yield base.read(path, keys.all, (may.READ_KEY,), RequestClass.ANY)
    yield base.read(f"{path}/{{name}}", keys.one, (may.READ_KEY,), RequestClass.ANY)
    yield base.write("POST", path, keys.add, (may.CREATE_KEY,), RequestClass.SCHEMA)
    yield base.write("DELETE", f"{path}/{{name}}", keys.remove, (may.DELETE_KEY,), RequestClass.SCHEMA)
    yield base.read("/metadata/profiles", keys.core, (may.READ_PROFILE_SCHEMA,), RequestClass.ANY)
    known, path = (may.READ_BUSINESS_ATTRIBUTES,), "/metadata/business-attributes"
    yield base.read(path, keys.business, known, RequestClass.ANY, query=CvAttribute)
    yield base.read(f"{path}/{{name}}", keys.business_one, known, RequestClass.ANY)
