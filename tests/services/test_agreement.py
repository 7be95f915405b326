"""Several servers on one store agree on the mode: whatever happens in whatever order, no two classes overlap."""

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.clock import START
from tests.memory import quickest
from tests.slots import Board, Seat

from busyout.domain.context.errors import GateShut, ModeNotAllowed, ModeSwitching
from busyout.domain.errors import StoreUnavailable
from busyout.domain.mode import ALLOWED, GATED, OPEN, Confirmation, GateState, Mode, ModeRow, RequestClass
from busyout.services.agreement import Agreement
from busyout.services.gate import Gate
from busyout.store.migration import upgrade_sqlite
from busyout.store.sqlite import SqliteDatabase
from busyout.store.tables.modes import ModeTable, hold_mode

T = TypeVar("T")

SERVERS = 3
PIECES = st.sampled_from((1, 2, 3, 5, WHOLE := 30))
"""How far something goes before something else happens; most often to its end."""

DATA, SCHEMA = RequestClass.DATA, RequestClass.SCHEMA
HOME_OF = {kind: mode for mode, kinds in ALLOWED.items() for kind in kinds if kind in GATED}
"""The mode that each class belongs to."""


class Errand:
    """Something that a server does, one piece at a time: before and after each look at what is shared it stops."""

    def __init__(self, work: Coroutine[Any, Any, object]) -> None:
        self._turn = asyncio.Semaphore(0)
        self._stopped = asyncio.Event()
        self.task = asyncio.create_task(self._run(work))

    async def stop(self) -> None:
        """Wait for the next turn."""
        self._stopped.set()
        await self._turn.acquire()

    async def go_on(self) -> None:
        """Do the next piece; returns when it is done."""
        self._stopped.clear()
        self._turn.release()
        stopped = asyncio.create_task(self._stopped.wait())
        await asyncio.wait((self.task, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()

    async def _run(self, work: Coroutine[Any, Any, object]) -> None:
        PRESENT.set(self)
        await self.stop()
        try:
            await work
        except StoreUnavailable:
            return


PRESENT: ContextVar[Errand] = ContextVar("PRESENT")


async def piece(work: Callable[[], Awaitable[T]]) -> T:
    """One look at what is shared, between two stops."""
    await PRESENT.get().stop()
    result = await work()
    await PRESENT.get().stop()
    return result


class Paced:
    """Implements `ModeRegister` on a real table, in pieces."""

    def __init__(self, table: ModeTable) -> None:
        self._table = table

    async def open(self, first: Mode) -> ModeRow:
        return await piece(lambda: self._table.open(first))

    async def read(self) -> ModeRow:
        return await piece(self._table.read)

    async def begin(self, mode: Mode, *, operation: str, deadline: float | None) -> ModeRow:
        return await piece(lambda: self._table.begin(mode, operation=operation, deadline=deadline))

    async def keep(self, *, operation: str) -> ModeRow:
        return await piece(lambda: self._table.keep(operation=operation))

    async def commit(self, closed: ModeRow, *, others: frozenset[str]) -> ModeRow | None:
        return await piece(lambda: self._table.commit(closed, others=others))

    async def confirm(self, confirmation: Confirmation) -> None:
        return await piece(lambda: self._table.confirm(confirmation))

    async def confirmations(self) -> dict[str, Confirmation]:
        return await piece(self._table.confirmations)


@dataclass
class Handler:
    """A request in progress."""

    kind: RequestClass
    passage: AbstractContextManager[None]
    adrift: bool = False
    """Whether its server has lost its slot since; then only the fence keeps it from harm."""


class Hasty:
    """Implements `ports.clock.Clock`; nobody has to wait."""

    def now(self) -> float:
        return START

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Server:
    """A process with a gate."""

    def __init__(self, board: Board, register: Paced) -> None:
        self.seat = Seat(board)
        clock = Hasty()
        self.agreement = Agreement(Gate(clock), register, self.seat, clock)
        self.handlers: list[Handler] = []
        self.refreshing: Errand | None = None

    def set_adrift(self) -> None:
        """Let only the fence keep from harm whatever is in progress."""
        for handler in self.handlers:
            handler.adrift = True

    @property
    def modes(self) -> set[Mode]:
        """What it lets in or works on, as far as the others may rely on it."""
        mode = None if self.seat.was_cut else OPEN.get(self.agreement.gate.state)
        return {mode} - {None} | {HOME_OF[handler.kind] for handler in self.handlers if not handler.adrift}


@dataclass
class Switch:
    """An operation that some server carries on."""

    id: str
    mode: Mode
    errands: list[Errand] = field(default_factory=list)
    given_up: bool = False


class Servers(RuleBasedStateMachine):
    """Servers that come, die, lose their slots, serve, and switch."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="busyout-modes-", dir=quickest()))
        shutil.copy(template(), self.home / "busyout.db")
        self.runner = asyncio.Runner()
        self.database = self.run(_opened(self.home / "busyout.db"))
        self.table = ModeTable(self.database)
        self.run(self.table.open(Mode.PRODUCTION))
        self.board = Board()
        self.servers: list[Server] = []
        self.switch: Switch | None = None
        self.serial = 0
        for number in range(2):
            self.start()
            self.refresh(number, WHOLE)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def one(self, number: int) -> Server:
        return self.servers[number % len(self.servers)]

    def start(self) -> None:
        server = Server(self.board, Paced(self.table))
        server.seat.take()
        self.servers.append(server)

    @rule(what=st.sampled_from(("start", "kill", "cut", "notice", "regain")), number=st.integers(0, SERVERS - 1))
    def mishap(self, what: str, number: int) -> None:
        """A server comes, dies, loses its slot without noticing, or notices, and may have another slot at once."""
        if what == "start" or not self.servers:
            return self.start() if len(self.servers) < SERVERS else None
        server = self.one(number)
        if what == "kill":
            self.kill(server)
        elif what == "cut":
            server.seat.cut()
            server.set_adrift()
        elif server.seat.was_cut:
            server.seat.notice()
        if what == "regain" and server.seat.slot is None:
            server.seat.take()
        return None

    def kill(self, server: Server) -> None:
        self.servers.remove(server)
        server.seat.give_back()
        if server.refreshing is not None:
            server.refreshing.task.cancel()

    @precondition(lambda self: self.servers)
    @rule(number=st.integers(0, SERVERS - 1), pieces=PIECES)
    def refresh(self, number: int, pieces: int) -> None:
        server = self.one(number)
        self.run(self._refresh(server, pieces))

    async def _refresh(self, server: Server, pieces: int) -> None:
        if server.refreshing is None or server.refreshing.task.done():
            server.refreshing = Errand(server.agreement.refresh())
        await self._go_on(server.refreshing, pieces)

    @precondition(lambda self: self.servers)
    @rule(number=st.integers(0, SERVERS - 1), wrong=st.sampled_from((False, False, False, True)))
    def enter(self, number: int, wrong: bool) -> None:
        server = self.one(number)
        maintenance = server.agreement.gate.state is GateState.MAINTENANCE
        kind = SCHEMA if maintenance is not wrong else DATA
        passage = server.agreement.gate.enter(kind)
        try:
            passage.__enter__()
        except (ModeNotAllowed, ModeSwitching, GateShut):
            return
        server.handlers.append(Handler(kind, passage, adrift=server.seat.was_cut))

    @precondition(lambda self: any(server.handlers for server in self.servers))
    @rule(number=st.integers(0, SERVERS - 1), write=st.booleans())
    def leave(self, number: int, write: bool) -> None:
        server = self.one(number)
        if not server.handlers:
            return
        handler = server.handlers.pop()
        if write:
            self.run(self._write(handler))
        handler.passage.__exit__(None, None, None)

    async def _write(self, handler: Handler) -> None:
        """A write in the wrong mode never happens; one of a server that holds its slot is never refused."""
        mode = HOME_OF[handler.kind]
        before = await self.table.read()
        try:
            await self.database.run(lambda connection: hold_mode(connection, mode))
        except ModeNotAllowed:
            assert handler.adrift
            assert before.mode is not mode
        else:
            assert before.mode is mode

    @precondition(lambda self: self.servers and self.switch is None)
    @rule()
    def begin(self) -> None:
        row = self.run(self.table.read())
        other = Mode.MAINTENANCE if row.mode is Mode.PRODUCTION else Mode.PRODUCTION
        self.serial += 1
        self.switch = Switch(f"operation-{self.serial}", other)

    @precondition(lambda self: self.servers and self.switch is not None)
    @rule(number=st.integers(0, SERVERS - 1), pieces=PIECES)
    def carry(self, number: int, pieces: int) -> None:
        """A server carries the switch on; another one may do the same, not knowing better."""
        assert self.switch is not None
        self.run(self._carry(self.one(number).agreement, self.switch, pieces))

    async def _carry(self, agreement: Agreement, switch: Switch, pieces: int) -> None:
        errand = Errand(_step(agreement, switch))
        switch.errands.append(errand)
        await self._go_on(errand, pieces)

    @precondition(lambda self: self.switch is not None and self.switch.errands)
    @rule(number=st.integers(0, 5), pieces=PIECES)
    def carry_on(self, number: int, pieces: int) -> None:
        assert self.switch is not None
        errands = self.switch.errands
        self.run(self._go_on(errands[number % len(errands)], pieces))

    async def _go_on(self, errand: Errand, pieces: int) -> None:
        for _ in range(pieces):
            if errand.task.done():
                await errand.task
                return
            await errand.go_on()

    @precondition(lambda self: self.servers and self.switch is not None)
    @rule(number=st.integers(0, SERVERS - 1))
    def give_up(self, number: int) -> None:
        assert self.switch is not None
        self.switch.given_up = True
        self.run(self._settle(self.one(number).agreement, self.switch))

    async def _settle(self, agreement: Agreement, switch: Switch) -> None:
        errand = Errand(agreement.keep(operation=switch.id))
        while not errand.task.done():
            await errand.go_on()

    @precondition(lambda self: self.switch is not None)
    @rule()
    def settle(self) -> None:
        """The operation is over: nobody carries it any more, wherever they were."""
        assert self.switch is not None
        row = self.run(self.table.read())
        if row.operation != self.switch.id or row.switching_to is not None:
            return
        for errand in self.switch.errands:
            errand.task.cancel()
        self.switch = None

    @invariant()
    def schemas_and_data_never_overlap(self) -> None:
        assert len(set().union(*(server.modes for server in self.servers))) <= 1

    def teardown(self) -> None:
        self.run(self.database.close())
        self.runner.close()
        shutil.rmtree(self.home)


class Losing(Paced):
    """Loses the slot, and gets another one, while the row is on its way."""

    def __init__(self, table: ModeTable, board: Board) -> None:
        super().__init__(table)
        self.seat = Seat(board)

    async def open(self, first: Mode) -> ModeRow:
        return await self._table.open(first)

    async def read(self) -> ModeRow:
        row = await self._table.read()
        self.seat.cut()
        self.seat.notice()
        self.seat.take()
        return row


@pytest.mark.anyio
async def test_a_row_that_was_read_before_the_slot_was_lost_opens_nothing(tmp_path: Path) -> None:
    shutil.copy(template(), tmp_path / "busyout.db")
    database = SqliteDatabase(tmp_path / "busyout.db")
    register = Losing(ModeTable(database), Board())
    register.seat.take()
    agreement = Agreement(Gate(Hasty()), register, register.seat, Hasty())
    await agreement.open(Mode.PRODUCTION)
    assert agreement.gate.state is GateState.SHUT
    await database.close()


async def _opened(file: Path) -> SqliteDatabase:
    return SqliteDatabase(file)


async def _step(agreement: Agreement, switch: Switch) -> None:
    """What the steps of the operation do, without their waits."""
    row = await agreement.begin(switch.mode, operation=switch.id, deadline=None)
    if row.switching_to is not None and await agreement.look() == (0, 0):
        await agreement.commit(row)


@cache
def template() -> Path:
    """An empty store with the current schema, made once."""
    home = Path(tempfile.mkdtemp(prefix="busyout-modes-", dir=quickest()))
    atexit.register(shutil.rmtree, home)
    upgrade_sqlite(home / "busyout.db")
    return home / "busyout.db"


TestServers = Servers.TestCase
TestServers.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
