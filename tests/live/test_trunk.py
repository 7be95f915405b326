"""A7: a trunk that does not answer raises one alarm, and clears it when it is back."""

import pytest
from tests.live.api import Json
from tests.live.estate import Estate
from tests.live.server import until
from tests.live.times import seconds_between


async def active(estate: Estate) -> list[Json]:
    """Active alarms."""
    return (await estate.api.get("/v1/alarms"))["items"]


@pytest.mark.anyio
async def test_a_trunk_goes_down_and_comes_back_with_one_alarm(estate_with_keep_alive, show) -> None:
    estate: Estate = estate_with_keep_alive

    async def up() -> bool:
        trunks = await estate.api.get("/v1/elements/sbc/trunks")
        return [trunk["operational"] for trunk in trunks["items"]] == ["up"]

    async def quiet() -> bool:
        return not await active(estate)

    answerer = await estate.answerer()
    await until(up)
    await until(quiet)
    async with estate.api.events() as heard:
        await answerer.kill()
        raised = await heard.when(lambda event: event["type"] == "alarm.raised")
        (alarm,) = await active(estate)
        assert (alarm["element"], alarm["source"], alarm["name"]) == ("sbc", "trunk/carrier/0", "trunkDown")
        assert (alarm["severity"], alarm["cleared_at"]) == ("major", None)
        await estate.answerer()
        cleared = await heard.when(lambda event: event["type"] == "alarm.cleared")
        await until(up)
        assert await active(estate) == []
        assert [len(heard.of(kind)) for kind in ("alarm.raised", "alarm.cleared")] == [1, 1]
    show(down_for=seconds_between(raised["at"], cleared["at"]))
