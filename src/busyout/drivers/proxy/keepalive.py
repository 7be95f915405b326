"""OPTIONS to the trunks: whether they are up, and how long an answer takes. No I/O."""

from secrets import token_hex

from msgspec import Struct

from busyout.domain.configuration.tables import Tables
from busyout.drivers.proxy.calls import T1
from busyout.drivers.proxy.message import render
from busyout.drivers.proxy.replies import Address
from busyout.drivers.proxy.seal import PREFIX
from busyout.drivers.proxy.state import State
from busyout.drivers.proxy.trunks import DOWN, UP, TrunkState, TrunkTable, trunk_id

ANSWER_TIMEOUT = 2.0
"""Longest wait for the answer to a keep-alive, in seconds; never longer than the interval."""

REFUSING = (408, 503)
"""Answers that say that the trunk takes no calls now."""


class _Probe(Struct):
    """What is sent to one trunk, and when."""

    trunk: str
    address: Address
    interval: float
    threshold: int
    next_at: float
    branch: str = ""
    """Of the OPTIONS that is waited for; empty when none is."""
    data: bytes = b""
    interface: int = 0
    sent_at: float = 0.0
    again_at: float = 0.0
    until: float = 0.0
    number: int = 0


class KeepAlive:
    """Probes every trunk of the sets that ask for it."""

    def __init__(self, state: State, trunks: TrunkTable) -> None:
        self._state = state
        self._trunks = trunks
        self._probes: dict[str, _Probe] = {}
        self._waiting: dict[str, _Probe] = {}

    def configure(self, tables: Tables, now: float) -> None:
        """Take over new tables; a trunk that stays keeps its rhythm."""
        sets = {row.name: row for row in tables.trunk_set if row.keep_alive}
        kept: dict[str, _Probe] = {}
        for row in tables.trunk:
            members = sets.get(row.trunk_set)
            if members is None:
                continue
            name, address = trunk_id(row), (row.address, row.port)
            known = self._probes.get(name)
            if known is None or known.address != address:
                known = _Probe(name, address, members.keep_alive_interval, members.failure_threshold, now)
            known.interval, known.threshold = members.keep_alive_interval, members.failure_threshold
            known.next_at = min(known.next_at, now + known.interval)
            kept[name] = known
        self._probes = kept
        self._waiting = {probe.branch: probe for probe in kept.values() if probe.branch}

    def tick(self, now: float) -> None:
        """Send what is due, once more half a second later, and give up what was not answered in time."""
        for probe in self._probes.values():
            if probe.branch and probe.until <= now:
                self._settle(probe)
                self._failed(probe, now)
            elif probe.branch and probe.again_at <= now:
                probe.again_at = probe.until
                self._state.send(probe.data, probe.address, probe.interface)
            if not probe.branch and probe.next_at <= now:
                self._send(probe, now)

    def response(self, branch: str, status: int, now: float) -> None:
        """An answer to a keep-alive."""
        probe = self._waiting.get(branch)
        if probe is None:
            self._state.count("stray")
            return
        if status < 200:
            return
        self._settle(probe)
        known = self._trunks.get(probe.trunk)
        if known is None:
            return
        known.round_trip = now - probe.sent_at
        if status in REFUSING:
            self._failed(probe, now)
            return
        known.failures = 0
        self._become(known, UP, now)

    def _send(self, probe: _Probe, now: float) -> None:
        state = self._state
        probe.interface = state.facing(probe.address[0], next(iter(state.interfaces)))
        host, port = state.interfaces[probe.interface]
        probe.branch, probe.number = f"{PREFIX}k{token_hex(8)}", probe.number + 1
        uri = f"sip:{probe.address[0]}:{probe.address[1]}"
        lines = [f"Via: SIP/2.0/UDP {host}:{port};branch={probe.branch}"]
        lines += [f"From: <sip:busyout@{host}:{port}>;tag={token_hex(4)}", f"To: <{uri}>"]
        lines += [f"Call-ID: {token_hex(12)}", f"CSeq: {probe.number} OPTIONS", f"Contact: <sip:{host}:{port}>"]
        lines += ["Max-Forwards: 70", "User-Agent: Busyout", "Content-Length: 0"]
        probe.data = render(f"OPTIONS {uri} SIP/2.0", lines, b"")
        probe.sent_at, probe.next_at = now, now + probe.interval
        probe.again_at = now + T1
        probe.until = now + min(ANSWER_TIMEOUT, probe.interval)
        self._waiting[probe.branch] = probe
        state.send(probe.data, probe.address, probe.interface)

    def _settle(self, probe: _Probe) -> None:
        self._waiting.pop(probe.branch, None)
        probe.branch = ""

    def _failed(self, probe: _Probe, now: float) -> None:
        known = self._trunks.get(probe.trunk)
        if known is None:
            return
        known.failures += 1
        if known.failures >= probe.threshold:
            self._become(known, DOWN, now)

    def _become(self, known: TrunkState, operational: str, now: float) -> None:
        if known.operational == operational:
            return
        known.operational, known.since = operational, now + self._state.clock_offset
        self._state.happened(f"trunk-{operational}", now, known.id, failures=known.failures)
