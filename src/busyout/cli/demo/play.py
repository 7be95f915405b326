"""What the demo does, act by act."""

import time
from typing import TYPE_CHECKING

from busyout.cli.demo.report import Check, Report
from busyout.cli.demo.traffic import Traffic, traffic_through
from busyout.cli.follow import follow
from busyout.cli.output import show_line
from busyout.cli.progress import display
from busyout.cli.text import counted, segment
from busyout.cli.words import last_progress, outcome_words
from busyout.wire.native import Call, Command, Drain, Element, Operation, Restart, Restore, Tables, Within

if TYPE_CHECKING:
    from busyout.cli.client import Client

OFFER_EVERY = 0.4
"""Seconds between two new calls that are offered while the SBC drains."""

SHORTEST = 2.0
"""Seconds that the shortest of the first calls lasts."""

STUBBORN = 3
"""Calls that do not end by themselves, in the last act."""

PATIENCE = 2.0
"""Seconds that they get."""


class Play:
    """The guided run."""

    def __init__(self, client: "Client", element: str, *, quiet: bool) -> None:
        self._client = client
        self._path = f"elements/{segment(element)}"
        self._element = element
        self._quiet = quiet
        self._checks: list[Check] = []

    async def run(self, calls: int, *, longest: float) -> Report:
        """Every act; what was found."""
        tables = await self._client.get(f"{self._path}/configuration/running", Tables)
        async with traffic_through(tables) as traffic:
            before = await self._look()
            await self._fill(traffic, calls, longest)
            restart, settling = await self._restart(traffic)
            after = await self._look()
            self._check(f"the engine has a new process ({before.pid}, then {after.pid})", before.pid != after.pid)
            await self._admitted(traffic)
            await self._by_name(traffic)
            await traffic.wait_over()
        self._check("no call was cut", traffic.caller.tally.cut == 0)
        numbers = traffic.numbers(engines=(before.pid, after.pid), restart=restart, settling=settling)
        return Report(numbers, tuple(self._checks))

    async def _fill(self, traffic: Traffic, calls: int, longest: float) -> None:
        self._say(f"1. {counted(calls, 'call')} through {self._element}, between {SHORTEST:g} and {longest:g} s long")
        traffic.place(calls, shortest=min(SHORTEST, longest), longest=longest)
        await traffic.wait_up(calls)
        listed = await self._client.items(f"{self._path}/calls", Call)
        self._say(f"   the SBC has {len(listed)} of them up, the oldest to {listed[0].callee}" if listed else "")
        self._check(f"the SBC lists every call that is up ({len(listed)})", traffic.caller.up <= len(listed) <= calls)

    async def _restart(self, traffic: Traffic) -> tuple[float, float]:
        """Seconds of the restart, and seconds from the end of the last call to its end."""
        self._say(f"2. restart {self._element} until idle: new calls are refused, those in progress end by themselves")
        tally = traffic.caller.tally
        begun, answered = time.monotonic(), tally.answered
        operation = await self._start(Restart())
        offering = traffic.offer(every=OFFER_EVERY)
        quiet_at = traffic.note_end(answered)
        settled = await self._see(operation)
        over = time.monotonic()
        offering.cancel()
        self._check("the restart succeeded", settled.state == "succeeded")
        self._check(f"calls offered meanwhile were refused, {tally.refused} of them", tally.refused > 0)
        await traffic.wait_over()
        self._check("every refusal was a 503 with Retry-After", tally.rejected == 0)
        self._check("every call offered meanwhile got an answer", tally.unanswered == 0)
        self._check("every call that was up ended by itself", tally.completed == tally.answered)
        return over - begun, max(0.0, over - await quiet_at)

    async def _admitted(self, traffic: Traffic) -> None:
        self._say("3. new calls are let in again")
        completed = traffic.caller.tally.completed
        traffic.place(STUBBORN, shortest=0.3, longest=0.5)
        await traffic.wait_over()
        self._check("calls are let in again after the restart", traffic.caller.tally.completed == completed + STUBBORN)

    async def _by_name(self, traffic: Traffic) -> None:
        self._say(f"4. drain within {PATIENCE:g} s, by name, with {STUBBORN} calls that would last an hour")
        ended = traffic.answerer.tally.ended
        traffic.place(STUBBORN, shortest=3600, longest=3600)
        await traffic.wait_up(STUBBORN)
        settled = await self._see(await self._start(Drain(Within(PATIENCE), "force")))
        await traffic.wait_over()
        told = last_progress(settled)
        both = (traffic.caller.tally.forced, traffic.answerer.tally.ended - ended)
        self._check("what was left at the deadline was ended with BYE to both sides", both == (STUBBORN, STUBBORN))
        self._check("and the operation counts it", told is not None and told.ended == STUBBORN)
        await self._see(await self._start(Restore()))

    async def _start(self, command: Command) -> Operation:
        return await self._client.send("POST", f"{self._path}/operations", Operation, command)

    async def _see(self, operation: Operation) -> Operation:
        with display(quiet=self._quiet) as shown:
            async for sight in follow(self._client, operation):
                operation = sight.operation
                shown.show(sight)
        if not shown.tells_the_end:
            self._say(f"   {outcome_words(operation)}")
        return operation

    async def _look(self) -> Element:
        return await self._client.get(self._path, Element)

    def _check(self, promise: str, kept: bool) -> None:
        self._checks.append(Check(promise, kept))

    def _say(self, text: str) -> None:
        if not self._quiet:
            show_line(text)
