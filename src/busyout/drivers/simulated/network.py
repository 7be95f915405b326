"""The simulated network: engines by name, which go on when the server and its drivers are gone."""

from itertools import count

from busyout.drivers.simulated.engine import SimulatedEngine
from busyout.ports.clock import Clock

FIRST_PID = 5_000_000
"""Above every process id that Linux gives, so that no real process can be meant."""


class SimulatedNetwork:
    """Every simulated engine there is. An engine comes into being when it is first asked for, stopped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pids = count(FIRST_PID)
        self._engines: dict[str, SimulatedEngine] = {}

    def engine(self, name: str) -> SimulatedEngine:
        """The engine of that name."""
        engine = self._engines.get(name)
        if engine is None:
            engine = self._engines[name] = SimulatedEngine(name, self._clock, self._pids)
        return engine
