"""Messages of the context services, byte for byte against the bodies that their pages print."""

import json

import pytest

from busyout.wire.ucs import privileges
from busyout.wire.ucs.messages import IdentificationKey, Problem, ServerChanged, ServerStatus, encoded

PRINTED_STATUS = """{
"version":"8.0.100.11",
"system_time":"2010-02-24T15:56:46.369Z",
"mode":"production",
"max_memory":518464,
"allocated_memory":63936,
"free_memory":55989,
"used_memory":7947,
"started":"2010-02-24T14:35:28.668Z",
"last_request":"2010-02-24T14:35:27.964Z",
"request_today":0,
"client_errors_today":0,
"server_errors_today":0
}"""

PRINTED_PRIVILEGES = {
    "UCS.Customer.createProfile",
    "UCS.Customer.createProfileExtension",
    "UCS.Customer.deleteCustomerProfile",
    "UCS.Service.startService",
    "UCS.Service.createServiceExtension",
}


@pytest.mark.parametrize("mode", ["production", "maintenance"])
def test_the_answer_to_a_switch_has_a_blank_in_the_name_of_its_member(mode: str) -> None:
    assert encoded(ServerChanged(mode)) == f'{{"server changed":"{mode}"}}'.encode()  # type: ignore[arg-type]


def test_the_status_is_as_printed() -> None:
    printed = json.loads(PRINTED_STATUS)
    assert encoded(ServerStatus(**printed)).decode() == PRINTED_STATUS.replace("\n", "")


def test_a_problem_has_two_members() -> None:
    assert encoded(Problem("m", "E")) == b'{"message":"m","exception":"E"}'


def test_a_key_has_its_members_in_the_order_of_the_page() -> None:
    key = IdentificationKey("K", "profile", ("LastName",), unique=False)
    assert encoded(key) == b'{"name":"K","source":"profile","attributes":["LastName"],"unique":false}'


def test_privileges_that_are_printed_are_as_printed_and_the_others_follow_their_pattern() -> None:
    known = {value for name, value in vars(privileges).items() if name.isupper()}
    assert known >= PRINTED_PRIVILEGES
    for name in known:
        product, group, verb = name.split(".")
        assert (product, group[0].isupper(), verb[0].islower()) == ("UCS", True, True)
