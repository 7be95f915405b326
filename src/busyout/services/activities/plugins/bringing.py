"""Fetching a file as part of a step: shown while it comes, and broken off by whoever cancels."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from busyout.domain.errors import BusyoutError
from busyout.domain.operation import Transfer
from busyout.domain.signature import MAX_SIGNATURE, SUFFIX
from busyout.ports.repository import Fetched
from busyout.services.job import Job

T = TypeVar("T")

LISTEN_EVERY: Final = 0.5
"""Seconds between two looks at whether somebody has cancelled."""

Show = Callable[[Transfer], None]
"""Told how far the file is, each time that it is further."""


class Wanted(Struct, frozen=True):
    """A file that is to be fetched."""

    url: str
    into: Path
    limit: int
    """Most bytes that it may have."""
    label: str = ""
    """What its transfer is called."""
    size: int | None = None
    """Bytes that it is said to have; None where nobody has said."""


async def bring(job: Job, wanted: Wanted, show: Show) -> Fetched:
    """Fetch a file whole, or go on with what is there of it.

    Raises:
        OperationCancelled: Somebody cancelled; what has come is kept for a later attempt.
        RepositoryUnreachable, InvalidValue: As the repository says.
    """
    state = Transfer(wanted.label, "progress", 0, wanted.size)
    show(state)

    def tell(size: int, total: int | None) -> None:
        nonlocal state
        state = replace(state, current=size, end=wanted.size if total is None else total)
        show(state)

    provisioning = job.provisioning
    access = provisioning.parameters.access
    coming = provisioning.repository.fetch(wanted.url, wanted.into, access=access, limit=wanted.limit, tell=tell)
    try:
        fetched = await heeding(job, coming)
    except BusyoutError:
        show(replace(state, state="fail"))
        raise
    show(replace(state, state="success", current=fetched.size, end=fetched.size))
    return fetched


async def bring_signature(job: Job, of: Wanted) -> None:
    """Fetch the signature of a file, where files have to be signed."""
    if job.provisioning.trust.signed:
        into = of.into.with_name(of.into.name + SUFFIX)
        await bring(job, Wanted(of.url + SUFFIX, into, MAX_SIGNATURE), lambda _: None)


async def heeding(job: Job, work: Coroutine[Any, Any, T]) -> T:
    """Do something that takes its time, and break it off as soon as somebody cancels.

    Raises:
        OperationCancelled: Somebody did.
    """
    working, listening = asyncio.ensure_future(work), asyncio.ensure_future(_listen(job))
    both = (working, listening)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else listening.result()
    finally:
        for task in both:
            task.cancel()
        await asyncio.wait(both)


async def _listen(job: Job) -> Any:  # noqa: ANN401 - it never returns
    while True:
        await job.pause(LISTEN_EVERY)
