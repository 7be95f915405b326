"""An office that works with customers: what most tests need to be there."""

from typing import Any

from tests.client import Answer, Client
from tests.world import World

CONTACTS: dict[str, Any] = {
    "name": "Contacts",
    "type": "multi-valued",
    "attributes": [
        {"name": "Kind", "type": "string", "length": 10, "mandatory": True},
        {"name": "Number", "type": "string"},
        {"name": "Rank", "type": "integer"},
    ],
    "unique": [["Kind", "Rank"]],
}
"""An extension with several records, told apart by two attributes together."""

LOYALTY: dict[str, Any] = {
    "name": "Loyalty",
    "type": "single-valued",
    "attributes": [{"name": "Level", "type": "string", "default": "blue"}, {"name": "Since", "type": "date"}],
}
"""An extension with one record."""

NOTE: dict[str, Any] = {
    "name": "Note",
    "type": "single-valued",
    "attributes": [{"name": "Text", "type": "string", "length": "200", "mandatory": "true"}],
}
"""An extension of services, states and tasks, written as the documents' own examples are."""

BY_PHONE = {"name": "ByPhone", "attributes": ["PhoneNumber", "LastName"]}

ADA = {"FirstName": "Ada", "LastName": "Byron", "PhoneNumber": ["+44100", "+44200"]}

MANY = [{"Kind": "home", "Number": "1", "Rank": 1}, {"Kind": "work", "Number": "2", "Rank": 1}]
"""Records of `CONTACTS`."""

OF = ("profiles", "services", "states", "tasks")
"""What has extensions."""


class Office:
    """A server, asked as somebody."""

    def __init__(self, world: World, client: Client | None = None, *, prefix: str = "") -> None:
        """As `admin`, who may do everything, where no client is given."""
        self.world = world
        self.client = client or world.client
        self.prefix = prefix

    async def ask(self, method: str, path: str, body: object = None, **given: Any) -> Answer:
        """The answer to a request; no body where it is None."""
        if body is not None:
            given["json"] = body
        return await self.client.request(method, self.prefix + path, **given)

    async def get(self, path: str, **given: Any) -> Any:
        """What is at an address."""
        answer = await self.ask("GET", path, **given)
        assert answer.status == 200, (path, answer.status, answer.text)
        return answer.json()

    async def switch(self, mode: str) -> None:
        """Put a mode into force."""
        answer = await self.ask("POST", "/server/mode", {"mode": mode})
        assert (answer.status, answer.json()) == (200, {"server changed": mode})

    async def mode(self) -> str:
        """The mode in force."""
        return str((await self.get("/server/status"))["mode"])

    async def made(self, path: str, body: object) -> Any:
        """What a request that makes something is answered with."""
        answer = await self.ask("POST", path, body)
        assert answer.status == 201, (path, answer.status, answer.text)
        return answer.json()

    async def furnish(self) -> None:
        """Extensions of everything and a key, and back into production."""
        await self.switch("maintenance")
        await self.made("/metadata/profiles/extensions", CONTACTS)
        await self.made("/metadata/profiles/extensions", LOYALTY)
        for subject in OF[1:]:
            await self.made(f"/metadata/{subject}/extensions", NOTE)
        await self.made("/metadata/identification-keys", BY_PHONE)
        await self.switch("production")

    async def customer(self, **more: object) -> str:
        """A new customer."""
        return str((await self.made("/profiles", {**ADA, **more}))["customer_id"])

    async def service(self, customer: str | None = None, **more: object) -> int:
        """A new service: of that customer, or of somebody unknown."""
        whose = {"contact_key": "ada@example.org"} if customer is None else {"customer_id": customer}
        return int((await self.made("/services/start", {"service_type": "order", **whose, **more}))["service_id"])


def told(answer: Answer) -> tuple[int, str | None, Any]:
    """Status, address of what is new, and body of an answer; None for no body."""
    return answer.status, answer.headers.get("location"), answer.json() if answer.body else None


def refused(answer: Answer) -> tuple[int, str]:
    """Status and name of a refusal, which has a message and nothing else."""
    problem = answer.json()
    assert list(problem) == ["message", "exception"], problem
    assert problem["message"], problem
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    return answer.status, problem["exception"]
