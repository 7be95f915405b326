"""A thread for one fetch: what blocks there delays nobody else, and happens in the order in which it was asked for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Thread:
    """Calls functions, one after the other."""

    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self._executor = executor

    async def run(
        self, function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs
    ) -> Result:
        """What a function returns. Whoever is cancelled while waiting leaves it running to its end."""
        return await asyncio.wrap_future(self._executor.submit(function, *arguments, **named))

    def afterwards(self, function: Callable[[], object]) -> None:
        """Call a function after all others; nobody waits for it."""
        self._executor.submit(function)


@asynccontextmanager
async def own_thread(purpose: str) -> AsyncIterator[Thread]:
    """A thread that ends when the context has ended and it has done what was asked of it; that is not waited for."""
    executor = ThreadPoolExecutor(1, thread_name_prefix=f"fetch-{purpose}")
    try:
        yield Thread(executor)
    finally:
        executor.shutdown(wait=False)
