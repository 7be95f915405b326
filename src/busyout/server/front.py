"""The listeners, and which faces stand behind each."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from busyout.http import Application, Face, at_loopback
from busyout.server.credentials import authenticator_of
from busyout.server.faces import OF_ONE, face_of
from busyout.server.house import House
from busyout.server.listen import Listener, bound, listener
from busyout.settings import ListenerSettings, Settings, Tls


class Front:
    """Every address that the server answers on. Its sockets are bound from the beginning."""

    def __init__(self, settings: Settings, *, working: Callable[[], bool] = lambda: True) -> None:
        """Bind every address. `working` tells whether operations are carried at present.

        Raises:
            InvalidValue: One is taken; the message names it and its key.
        """
        self._settings = settings
        self._listeners: list[Listener] = []
        self._sockets: list[tuple[socket.socket, ListenerSettings | None]] = []
        self._working = working
        self.ready = False
        """Whether everything is open."""
        with ExitStack() as taken:
            self._bind(taken)
            self._held = taken.pop_all()

    async def serve(self, house: House) -> None:
        """Answer requests until `end`."""
        async with asyncio.TaskGroup() as serving:
            for listening, own in self._sockets:
                application = Application(self._faces(house, own))
                server = listener(application, self._tls(own))
                self._listeners.append(server)
                serving.create_task(server.serve(sockets=[listening]))

    async def close(self, house: House, serving: asyncio.Task[None]) -> None:
        """Accept nothing more, end every stream of events, and finish what is in progress."""
        self.ready = False
        house.services.events.close()
        for server in self._listeners:
            server.end()
        await serving

    def release(self) -> None:
        """Close the sockets, and let the loop forget them: it would not notice that a number is used again.

        Idempotent.
        """
        for server in self._listeners:
            server.forget()
        self._held.close()

    def _bind(self, taken: ExitStack) -> None:
        addresses: list[tuple[str, str, ListenerSettings | None]] = [
            (self._settings.server.listen, "server.listen", None),
            *((own.address, f"listeners[{n}].address", own) for n, own in enumerate(self._settings.listeners)),
        ]
        for address, key, own in addresses:
            listening = bound(address, key)
            taken.callback(listening.close)
            self._sockets.append((listening, own))

    def _faces(self, house: House, own: ListenerSettings | None) -> list[Face]:
        """The faces of one listener; None is the shared one."""
        if own is not None:
            element = own.element or self._settings.faces[own.face].element
            return [self._face(house, own.face, element)]
        faces = self._settings.faces.items()
        names = [name for name, face in faces if face.enabled and (face.element is not None or name not in OF_ONE)]
        names.sort(key=_native_first)
        return [self._face(house, name, self._settings.faces[name].element) for name in names]

    def _face(self, house: House, name: str, element: str | None) -> Face:
        its = self._settings.faces[name]
        operators = authenticator_of(its, house)
        face = face_of(name, house, operators, element=element, ready=lambda: self.ready and self._working())
        return replace(face, addressed=at_loopback) if its.authentication == "none" else face

    def _tls(self, own: ListenerSettings | None) -> Tls | None:
        return self._settings.server.tls if own is None else own.tls


def _native_first(name: str) -> tuple[bool, str]:
    """Order of the faces of a listener: ours words the refusals of paths that no face owns."""
    return name != "native", name
