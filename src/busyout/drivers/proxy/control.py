"""The control protocol of the engine process: one JSON object a line over a unix socket, an answer for each request."""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from busyout.domain.configuration.tables import Tables
from busyout.domain.errors import BusyoutError, EngineRefused, InvalidConfiguration, NoSuchCall, NoSuchTrunk

MAX_LINE = 64 * 1024 * 1024
"""Longest line, in bytes: the tables of the largest configuration fit."""

END_WAIT = 4.0
"""Longest wait for the answers of the calls that are ended, in seconds."""


class StartSetup(Struct, frozen=True):
    """What the process reads on its standard input."""

    tables: Tables
    admitting: bool
    retry_after: int
    capacity: int
    """Most calls at the same time."""


class AskInfo(Struct, frozen=True, tag="info"):
    """Who answers: `EngineInfo`."""


class AskAdmit(Struct, frozen=True, tag="admit"):
    """Open or close admission."""

    admitting: bool
    retry_after: int


class AskLoad(Struct, frozen=True, tag="load"):
    """Work in progress: `Load`."""


class AskCalls(Struct, frozen=True, tag="calls"):
    """Calls in progress: a list of `Call`."""

    limit: int
    after: str | None


class AskEnd(Struct, frozen=True, tag="end"):
    """End calls: `Ended`, at the latest after `END_WAIT`."""

    ids: tuple[str, ...] | None
    """None for all of them."""


class AskCounters(Struct, frozen=True, tag="counters"):
    """Counts since the epoch: `Counters`."""


class AskApply(Struct, frozen=True, tag="apply"):
    """Put tables into effect: `Applied`."""

    tables: Tables
    dry_run: bool


class AskTrunks(Struct, frozen=True, tag="trunks"):
    """Every trunk: a list of `TrunkStatus`."""


class AskSetTrunk(Struct, frozen=True, tag="set_trunk"):
    """Use a trunk or not."""

    trunk: str
    enabled: bool


class AskEvents(Struct, frozen=True, tag="events"):
    """After the answer, an `EngineEvent` a line until the connection breaks."""


class AskStop(Struct, frozen=True, tag="stop"):
    """End the process at once."""


class AskHandOver(Struct, frozen=True, tag="hand_over"):
    """Give everything to the process that asks; see `handover`."""


Ask = (
    AskInfo
    | AskAdmit
    | AskLoad
    | AskCalls
    | AskEnd
    | AskCounters
    | AskApply
    | AskTrunks
    | AskSetTrunk
    | AskEvents
    | AskStop
    | AskHandOver
)


class Problem(Struct, frozen=True):
    """Why a request was refused."""

    code: str
    text: str
    findings: tuple[str, ...] = ()


class Answer(Struct, frozen=True):
    """The answer to a request: a result, or a problem."""

    result: Raw = Raw(b"null")
    problem: Problem | None = None


REFUSALS: dict[str, type[BusyoutError]] = {"no_such_call": NoSuchCall, "no_such_trunk": NoSuchTrunk}
INVALID_CONFIGURATION = "invalid_configuration"

_encoder = msgspec.json.Encoder()
_asks: msgspec.json.Decoder[Ask] = msgspec.json.Decoder(Ask)
_answers = msgspec.json.Decoder(Answer)


def encode(message: object) -> bytes:
    """A message as a line."""
    return _encoder.encode(message) + b"\n"


def answer(result: Any) -> Answer:  # noqa: ANN401 - whatever the request asks for
    """The answer that carries a result."""
    return Answer(Raw(_encoder.encode(result)))


def refused(error: BusyoutError) -> Answer:
    """The answer that says why a request was refused."""
    if isinstance(error, InvalidConfiguration):
        return Answer(problem=Problem(INVALID_CONFIGURATION, error.message, error.findings))
    code = next((code for code, kind in REFUSALS.items() if isinstance(error, kind)), "refused")
    return Answer(problem=Problem(code, error.message))


def decode_ask(line: bytes) -> Ask:
    """The request of a line.

    Raises:
        EngineRefused: It is not one.
    """
    try:
        return _asks.decode(line)
    except msgspec.DecodeError as error:
        raise EngineRefused(f"not a request: {error}") from error


def decode_answer(line: bytes) -> Raw:
    """The result of a line.

    Raises:
        BusyoutError: What the engine refused the request with.
    """
    try:
        answered = _answers.decode(line)
    except msgspec.DecodeError as error:
        raise EngineRefused(f"the engine answered what is not an answer: {error}") from error
    problem = answered.problem
    if problem is None:
        return answered.result
    if problem.code == INVALID_CONFIGURATION:
        raise InvalidConfiguration(problem.findings)
    raise REFUSALS.get(problem.code, EngineRefused)(problem.text)
