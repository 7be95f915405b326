"""A token service that answers badly: whoever asks is told why, and nobody else waits."""

import pytest
from tests.drivers.repository.web import Handler, Reply, Request, site

from busyout.domain.errors import TokenServiceUnavailable
from busyout.drivers.tokens.client import LARGEST, asked
from busyout.drivers.tokens.driver import HttpTokenService
from busyout.ports.interim import HEAD_PIECE, MOST_INTERIM

pytestmark = pytest.mark.anyio

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def after(interim: bytes, body: bytes = b"{}") -> Handler:
    """Answers with that body, after what comes before."""

    async def handler(request: Request, reply: Reply) -> None:
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        await reply.send(interim + head + body)

    return handler


async def test_an_answer_may_come_after_some_that_are_not_the_last() -> None:
    async with site(after(CONTINUE * MOST_INTERIM)) as web:
        assert await asked(web.url, "token") == b"{}"


@pytest.mark.parametrize("times", [MOST_INTERIM + 1, 3 * HEAD_PIECE])
async def test_a_service_that_never_comes_to_the_point_is_left(times: int) -> None:
    async with site(after(CONTINUE * times)) as web:
        with pytest.raises(TokenServiceUnavailable, match="does not speak HTTP"):
            await asked(web.url, "token")


async def test_the_reason_says_what_the_service_does() -> None:
    async with site(after(b"", b"x" * (LARGEST + 1))) as web:
        with pytest.raises(TokenServiceUnavailable, match="says too much"):
            await asked(web.url, "token")
    with pytest.raises(TokenServiceUnavailable, match="no connection to the token service: "):
        await asked(web.url, "token")
    async with site(after(b"", b"[]")) as web:
        with pytest.raises(TokenServiceUnavailable, match="what is no token"):
            await HttpTokenService(web.url, master_tenant=None).check("token")
