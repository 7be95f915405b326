"""States of a service (pages "State Operations")."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from busyout.faces.ucs.routes.base import Base
from busyout.faces.ucs.routes.courses import WHICH, Course, Kind, Parts, said
from busyout.faces.ucs.translate import asked, courses, starts
from busyout.http import Reply, Request, RequestClass, Route
from busyout.wire.ucs import privileges as may
from busyout.wire.ucs.messages import StateId, encoded

STATE: Final = Kind(
    subject=courses.Subject.STATE,
    started=StateId,
    creates=may.CREATE_STATE_EXTENSION,
    reads=may.READ_STATE_EXTENSION,
)


@dataclass(frozen=True, slots=True)
class Transition:
    """What only states have."""

    base: Base

    async def act(self, request: Request[object, None]) -> Reply:
        """End one state and begin another in one act."""
        state, end, start = starts.transition_of(
            said(self.base, STATE, request.caller, asked.document_of(request.body))
        )
        place = courses.Place(STATE.subject, state, courses.service_of(request.path))
        number = await self.base.services.courses.transition(request.caller, place, end, start)
        return Reply(body=encoded(StateId(number)))


def routes(base: Base) -> Iterator[Route]:
    """States."""
    state, kind, path = Course(base, STATE), RequestClass.DATA, "/services/{service}/states"
    one, read = f"{path}/{{state}}", (may.READ_STATE,)
    yield base.write("POST", f"{path}/start", state.start, (may.START_STATE,), kind)
    yield base.write("POST", f"{path}/transition", Transition(base).act, (may.START_STATE, may.STOP_STATE), kind)
    yield base.write("POST", f"{one}/end", state.end, (may.STOP_STATE,), kind)
    extension = f"{one}/extensions/{{extension}}"
    yield base.write("PUT", extension, state.put_extension, (may.UPDATE_STATE_EXTENSION,), kind)
    for last, which in WHICH:
        several = Parts(base, STATE, courses.states_of, which)
        yield base.read(path + last, several.of_service, read, kind, query=courses.StateSelection)
    yield base.read(one, state.one, read, kind, query=courses.Asked)
