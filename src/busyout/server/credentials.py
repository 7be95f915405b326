"""How each face knows who is asking, made from the settings."""

from busyout.domain.operator import LEVELS
from busyout.drivers.registry import make_token_service
from busyout.http import Authenticator, Everybody
from busyout.ports.tokens import Grant
from busyout.server.house import House
from busyout.services.tokens import Tokens
from busyout.settings import FaceSettings


def authenticator_of(face: FaceSettings, house: House) -> Authenticator:
    """Who says whom a request comes from."""
    match face.authentication:
        case "none":
            return Everybody()
        case "token":
            url = face.token_service
            service = None if url is None else make_token_service(url, master_tenant=face.master_tenant)
            own = {one.sha256: Grant(one.name, LEVELS[one.level], one.tenant or "") for one in face.tokens}
            return Tokens(own, service, house.services.clock)
        case _:
            return house.operators
