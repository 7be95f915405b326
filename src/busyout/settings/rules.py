"""What must hold between settings that each are well formed, and for the files that they name."""

import re
import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path as FilePath

from busyout.settings.context_rules import broken_context_rules
from busyout.settings.findings import Finding, Path
from busyout.settings.model import ElementSettings, ListenerSettings, Settings, Tls

FACE_OF_TOKENS = "provd"
"""The one face whose clients send tokens."""

EVERY_TENANT = "main"
"""What the tenant above all others is called; no token can be bound to it."""

HASH = re.compile(r"\$argon2id\$v=[0-9]+\$m=[0-9]+,t=[0-9]+,p=[0-9]+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")
"""An argon2id hash in PHC string format."""

STORES = ("sqlite:///", "postgresql://")
"""How a store's URL begins."""


def broken_rules(settings: Settings, *, faces: tuple[str, ...], drivers: tuple[str, ...]) -> Iterator[Finding]:
    """One finding for each rule that does not hold; `faces` and `drivers` are the names of those there are."""
    yield from _listening(settings)
    yield from _faces(settings, faces)
    yield from _open_faces(settings)
    yield from _tokens(settings)
    yield from _operators(settings)
    yield from _twice(("elements",), "name", [element.name for element in settings.elements])
    yield from _drivers(settings.elements, drivers)
    yield from _sip_addresses(settings.elements)
    yield from _authorities(settings.provisioning.authorities)
    yield from broken_context_rules(settings.context)
    if not settings.store.url.startswith(STORES):
        yield Finding(("store", "url"), f"it begins with {' or '.join(STORES)}")


def host_and_port(address: str) -> tuple[str, int]:
    """The parts of `address:port`; an IPv6 address stands in brackets.

    Raises:
        ValueError: It is not one; the message says why.
    """
    host, colon, port = address.rpartition(":")
    if not colon or not host:
        raise ValueError(f"{address!r} is not written address:port")
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ValueError(f"port {port!r} is not between 1 and 65535")
    return host.removeprefix("[").removesuffix("]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a listener there. A name other than localhost counts as reachable."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(settings: Settings) -> Iterator[Finding]:
    shared = ListenerSettings(
        face="", address=settings.server.listen, tls=settings.server.tls, plain=settings.server.plain
    )
    places: list[tuple[Path, str, ListenerSettings]] = [(("server",), "listen", shared)]
    places += [(("listeners", number), "address", item) for number, item in enumerate(settings.listeners)]
    taken: set[tuple[str, int]] = set()
    for path, key, listener in places:
        yield from _files(listener.tls, (*path, "tls"))
        try:
            where = host_and_port(listener.address)
        except ValueError as wrong:
            yield Finding((*path, key), str(wrong))
            continue
        if where in taken:
            yield Finding((*path, key), f"{listener.address} is there twice")
        taken.add(where)
        if listener.tls is None and not listener.plain and not is_loopback(where[0]):
            yield Finding(
                (*path, key),
                f"{listener.address} is not on loopback, so passwords would cross the network in the clear: "
                "give it tls, or ask for that by plain = true",
            )


def _files(tls: Tls | None, path: Path) -> Iterator[Finding]:
    if tls is None:
        return
    for key, file in (("certificate", tls.certificate), ("key", tls.key)):
        if not FilePath(file).is_file():
            yield Finding((*path, key), f"there is no file {file}")


def _authorities(file: FilePath | None) -> Iterator[Finding]:
    """Certificates that are to be believed, and cannot be."""
    if file is None:
        return
    path = ("provisioning", "authorities")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except ssl.SSLError:
        yield Finding(path, f"{file} has no certificates in PEM")
    except FileNotFoundError:
        yield Finding(path, f"there is no file {file}")
    except OSError as wrong:
        yield Finding(path, f"{file} cannot be read: {wrong.strerror}")


def _faces(settings: Settings, faces: tuple[str, ...]) -> Iterator[Finding]:
    known = f"known are {', '.join(faces)}"
    for name in settings.faces:
        if name not in faces:
            yield Finding(("faces", name), f"there is no such face; {known}")
    for number, listener in enumerate(settings.listeners):
        if listener.face not in faces:
            yield Finding(("listeners", number, "face"), f"there is no face {listener.face!r}; {known}")


def _open_faces(settings: Settings) -> Iterator[Finding]:
    """Faces that ask nobody who they are, on addresses that others can reach."""
    for name, face in settings.faces.items():
        addresses = [settings.server.listen, *(item.address for item in settings.listeners if item.face == name)]
        reachable = [address for address in addresses if not _reachable_from_here_only(address)]
        if face.enabled and face.authentication == "none" and reachable:
            text = f"none is allowed on loopback only, and {', '.join(reachable)} is not on loopback"
            yield Finding(("faces", name, "authentication"), text)


def _tokens(settings: Settings) -> Iterator[Finding]:
    """Tokens where they are not asked for, and a service that cannot be asked."""
    for name, face in settings.faces.items():
        by_token = face.authentication == "token"
        if by_token and name != FACE_OF_TOKENS:
            yield Finding(("faces", name, "authentication"), f"tokens are asked for by the face {FACE_OF_TOKENS} only")
        if not by_token and (face.tokens or face.token_service):
            yield Finding(("faces", name), 'tokens are asked for only with authentication = "token"')
        for number, token in enumerate(face.tokens):
            if token.tenant == EVERY_TENANT:
                text = f"{EVERY_TENANT} is above every tenant: leave the key out for a token that may see all of them"
                yield Finding(("faces", name, "tokens", number, "tenant"), text)
        if face.token_service is not None and not face.token_service.startswith(("http://", "https://")):
            yield Finding(("faces", name, "token_service"), "it begins with http:// or https://")


def _reachable_from_here_only(address: str) -> bool:
    try:
        host, _ = host_and_port(address)
    except ValueError:
        return True  # what is wrong with it is another finding
    return is_loopback(host)


def _operators(settings: Settings) -> Iterator[Finding]:
    yield from _twice(("operators",), "name", [operator.name for operator in settings.operators])
    for number, operator in enumerate(settings.operators):
        if not operator.name or ":" in operator.name or not operator.name.isprintable():
            yield Finding(("operators", number, "name"), "a name has no colon, is printable and not empty")
        if not HASH.fullmatch(operator.password_hash):
            yield Finding(
                ("operators", number, "password_hash"),
                "this is not an argon2id hash; `busyout password hash` makes one",
            )


def _twice(path: Path, key: str, names: list[str]) -> Iterator[Finding]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Finding((*path, number, key), f"{name!r} is there twice")


def _drivers(elements: tuple[ElementSettings, ...], known: tuple[str, ...]) -> Iterator[Finding]:
    for number, element in enumerate(elements):
        if element.driver not in known:
            text = f"there is no driver {element.driver!r}; known are {', '.join(known)}"
            yield Finding(("elements", number, "driver"), text)


def _sip_addresses(elements: tuple[ElementSettings, ...]) -> Iterator[Finding]:
    """Two elements cannot listen in the same place; what else is wrong with rows is found when they are read."""
    taken: dict[tuple[object, object], str] = {}
    for number, element in enumerate(elements):
        for row_number, row in enumerate(element.configuration.get("interface", [])):
            where = (str(row.get("address")), str(row.get("port")))
            holder = taken.setdefault(where, element.name)
            if holder != element.name:
                path = ("elements", number, "configuration", "interface", row_number)
                yield Finding((*path, "port"), f"{where[0]}:{where[1]} is taken by element {holder!r}")
