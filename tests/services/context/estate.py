"""A world with context services, an extension of each kind, and keys to find customers by."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.world import ADMIN, World, WorldOn

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.schema import UNNUMBERED, Extension, IdentificationKey, Kind, Subject
from busyout.domain.mode import Mode
from busyout.faces.ucs.translate.profiles import told
from busyout.services.context.customers import Customers
from busyout.settings import ContextSettings, ElementSettings

CONTEXT = ElementSettings(name="context", kind="context", driver="inside")

NUMBER = Attribute("Number", AttributeType.INTEGER, mandatory=True)
PIN = Attribute("Pin", AttributeType.STRING, encrypt=True)
BORN = Attribute("Born", AttributeType.DATE)
COLOUR = Attribute("Colour", AttributeType.STRING, default="red")

EXTENSIONS = (
    Extension(UNNUMBERED, Subject.PROFILE, "Cards", Kind.MULTI_VALUED, (NUMBER, PIN, COLOUR), (("Number",),)),
    Extension(UNNUMBERED, Subject.PROFILE, "Person", Kind.SINGLE_VALUED, (BORN, COLOUR)),
)
KEYS = (
    IdentificationKey(UNNUMBERED, "ByName", "profile", ("LastName", "FirstName")),
    IdentificationKey(UNNUMBERED, "ByMail", "profile", ("EmailAddress",), unique=True),
    IdentificationKey(UNNUMBERED, "ByCard", "Cards", ("Number",)),
)


@asynccontextmanager
async def estate(world_on: WorldOn, database: str, imports: Path | None = None) -> AsyncIterator[World]:
    """A server in production."""
    settings = ContextSettings(import_directory=imports)
    async with world_on(database, elements=(CONTEXT,), duties=False, context=settings) as world:
        await switched(world, Mode.MAINTENANCE)
        for extension in EXTENSIONS:
            await world.services.context_schemas.add_extension(ADMIN, extension)
        for key in KEYS:
            await world.clock.finish(world.services.context_schemas.add_key(ADMIN, key))
        await switched(world, Mode.PRODUCTION)
        yield world


async def switched(world: World, mode: Mode) -> None:
    """Let a mode be in force."""
    await world.clock.finish(world.services.modes.switch(ADMIN, mode))


def customers(world: World) -> Customers:
    """The service."""
    return world.services.customers


async def found(world: World, key: str | None = None, **asked: str) -> list[str]:
    """Ids of those who are found; `__` in a name stands for a dot."""
    texts = {name.replace("__", "."): text for name, text in asked.items()}
    seen = await customers(world).identify(texts, key=key, profile=False, extensions=(), only_unique=False)
    return [one["customer_id"] for one in told(seen)]


async def whole(world: World, customer: str) -> dict[str, Any]:
    """All that is told of a customer, but the id."""
    (found,) = told(await customers(world).read(customer, extensions=("Cards", "Person")))
    assert found.pop("customer_id") == customer
    return found
