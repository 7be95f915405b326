"""How long a step waits for an element that does not answer."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from busyout.domain.errors import ElementUnreachable, EngineGone
from busyout.services.job import Job

T = TypeVar("T")

PATIENCE: Final = 60.0
"""Seconds for which an element may be silent before a step gives up."""

GONE_PATIENCE: Final = 10.0
"""Seconds in which the supervision may bring back an engine whose process is gone."""

IMPATIENCE: Final = 3.0
"""Seconds for which an element may be silent that is not to be waited for."""

TRY_AGAIN: Final = 1.0
"""Seconds between two tries."""


async def until_answered(job: Job, ask: Callable[[], Awaitable[T]], *, patience: float = PATIENCE) -> T:
    """Ask an element again until it answers.

    Raises:
        ElementUnreachable: It was silent for `patience` seconds.
    """
    until = job.clock.now() + patience
    while True:
        try:
            return await ask()
        except ElementUnreachable:
            if job.clock.now() >= until:
                raise
        await job.clock.sleep(TRY_AGAIN)


class Silence:
    """How a drain bears an element that does not answer."""

    def __init__(self, job: Job, *, patient: bool) -> None:
        self._job = job
        self._patient = patient
        self._hopeless = False
        """Whether it was given up: it hangs, and what hangs is not asked once more and waited for each time."""
        self.complain: Callable[[str], None] = lambda _: None
        """Told, at every try, what is being waited for."""

    async def ask(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Ask the element; None when its process is gone for good, so that nothing can be in progress in it.

        Raises:
            ElementUnreachable: It exists and was silent too long, and was to be waited for.
            OperationCancelled: Somebody cancelled meanwhile.
        """
        since = self._job.clock.now()
        while not self._hopeless:
            try:
                return await ask()
            except ElementUnreachable as error:
                if self._given_up(error, self._job.clock.now() - since):
                    return None
                self.complain(f"the element to answer: {error}")
            await self._job.pause(TRY_AGAIN)
        return None

    def _given_up(self, error: ElementUnreachable, silent: float) -> bool:
        """Whether to go on without an answer; raises when that must not be."""
        if isinstance(error, EngineGone):
            return silent >= (GONE_PATIENCE if self._patient else 0.0)
        if self._patient and silent >= PATIENCE:
            raise error
        self._hopeless = self._hopeless or (not self._patient and silent >= IMPATIENCE)
        return self._hopeless
