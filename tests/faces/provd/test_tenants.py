"""What a token of one tenant can do to the devices of another: nothing; and selectors that cannot be read."""

from hashlib import sha256

import pytest
from tests.faces.provd.conftest import PROVISIONING
from tests.faces.provd.test_tokens import DEVICES, OWN, OWN_READER, ask
from tests.world import WorldOn, element

from busyout.settings import FaceSettings, TokenSettings

pytestmark = pytest.mark.anyio

TWO = TokenSettings(name="two", sha256=sha256(b"own-two").hexdigest(), level="administrator", tenant="two")
MAC, IP = "00:11:22:33:44:55", "10.1.1.1"


async def test_a_lease_told_by_one_tenant_changes_no_device_of_another(world_on: WorldOn) -> None:
    face = FaceSettings(authentication="token", tokens=(OWN, OWN_READER, TWO))
    async with world_on(elements=(element(), PROVISIONING), faces={"provd": face}, duties=False) as world:
        one = {"Wazo-Tenant": "one"}
        device = {"device": {"id": "d", "mac": MAC, "ip": IP}}
        assert (await ask(world, "own-token", DEVICES, "POST", json=device, headers=one)).status == 201
        for mac, ip in ((MAC, "10.9.9.9"), ("00:11:22:33:44:66", IP)):
            lease = {"dhcp_info": {"op": "commit", "ip": ip, "mac": mac, "options": []}}
            assert (await ask(world, "own-two", "/0.2/dev_mgr/dhcpinfo", "POST", json=lease)).status == 403
        kept = (await ask(world, "own-token", f"{DEVICES}/d", headers=one)).json()["device"]
        assert (kept["mac"], kept["ip"]) == (MAC, IP)
        lease = {"dhcp_info": {"op": "commit", "ip": "10.9.9.9", "mac": MAC, "options": []}}
        assert (await ask(world, "own-token", "/0.2/dev_mgr/dhcpinfo", "POST", json=lease)).status == 204


@pytest.mark.parametrize("q64", ["%ff", "%C3%A9", "!!", "AAAA", "/w=="])
async def test_a_selector_in_base64_that_is_none_is_a_400(world_on: WorldOn, q64: str) -> None:
    face = FaceSettings(authentication="token", tokens=(OWN,))
    async with world_on(elements=(element(), PROVISIONING), faces={"provd": face}, duties=False) as world:
        answer = await world.client_of(None).get(f"{DEVICES}?q64={q64}", headers={"X-Auth-Token": "own-token"})
        assert (answer.status, "JSON selector" in answer.text) == (400, True)
