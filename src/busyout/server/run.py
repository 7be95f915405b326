"""One run of the server: everything is opened in order, attended, and closed in reverse."""

import asyncio
import logging
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from busyout.domain.errors import BusyoutError, ElementUnreachable
from busyout.drivers.registry import Registry
from busyout.durable.operations import DbosOperations, preload
from busyout.server.clock import SystemClock
from busyout.server.context import context_rules_of
from busyout.server.duties import attend
from busyout.server.exports import Folder
from busyout.server.faces import require_elements
from busyout.server.first_start import operators_of, take_in_new
from busyout.server.front import Front
from busyout.server.house import House, build
from busyout.server.imports import Inbox
from busyout.server.memory import keep_for_good
from busyout.server.outside import Outside
from busyout.server.process import OwnProcess
from busyout.server.provision import supply_of
from busyout.settings import Settings
from busyout.store import Store, open_store

log = logging.getLogger(__name__)

SEALING_KEY_FILE: Final = "sealing-key"
"""File in the data directory with the keys that seal secrets, where the settings name no other."""


async def run(settings: Settings, environ: Mapping[str, str]) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        BusyoutError: Something cannot be had; the message says what, and by which key of the settings.
    """
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    settings.server.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    loading = asyncio.create_task(asyncio.to_thread(preload))
    durable = DbosOperations(settings.store.url)
    async with AsyncExitStack() as stack:
        await durable.hold()
        stack.push_async_callback(durable.close)
        front = Front(settings, working=lambda: not durable.lost)
        stack.callback(front.release)
        store = await asyncio.to_thread(open_store, settings.store.url, sealing_keys_of(settings))
        stack.push_async_callback(store.close)
        operators = await operators_of(settings, store.operators, SystemClock(), environ)
        async with asyncio.TaskGroup() as tasks:
            house = build(outside_of(settings, store, durable), operators, tasks)
            await open_estate(house, settings)
            serving = tasks.create_task(front.serve(house))
            await loading
            await durable.open(house.services.operations.carry)
            duties = tasks.create_task(attend(house))
            be_ready(front, settings)
            await stopping.wait()
            log.info("stopping")
            await front.close(house, serving)
            duties.cancel()
            await durable.close()
            await close_house(house, settings)


def be_ready(front: Front, settings: Settings) -> None:
    """Say that everything is open, and let it stay in memory for good."""
    keep_for_good()
    front.ready = True
    log.info("ready", extra={"listen": settings.server.listen})


def sealing_keys_of(settings: Settings) -> Path:
    """The file with the keys of the store."""
    return settings.store.sealing_key_file or settings.server.data / SEALING_KEY_FILE


def outside_of(settings: Settings, store: Store, durable: DbosOperations) -> Outside:
    """What the services stand on outside of tests."""
    clock = SystemClock()
    context = context_rules_of(settings.context)
    return Outside(
        store=store,
        drivers=Registry(clock),
        durable=durable,
        clock=clock,
        supply=supply_of(settings.provisioning, settings.server.data / "provisioning", clock),
        slots=durable,
        context=context,
        exports=None if context.export_directory is None else Folder(context.export_directory),
        imports=None if context.import_directory is None else Inbox(context.import_directory),
        process=OwnProcess(),
        home=settings.server.data / "engines",
        drain_warning=settings.server.drain_warning,
        operations_kept=settings.server.keep_operations,
        events_kept=settings.server.keep_events,
    )


async def open_estate(house: House, settings: Settings) -> None:
    """Open the house, and find out whether it has what the faces serve.

    Raises:
        BusyoutError: An engine refuses to start, or a face's element is not there.
    """
    await open_house(house, settings)
    require_elements(settings, house.services.inventory.names())


async def open_house(house: House, settings: Settings) -> None:
    """Take in the elements and start their engines, or attach to those that run."""
    await house.open()
    await take_in_new(settings, house.services.roster, house.services.inventory.names())
    async with asyncio.TaskGroup() as starts:
        for name in house.services.inventory.names():
            starts.create_task(_start(house, name))


async def close_house(house: House, settings: Settings) -> None:
    """Let go of the engines; end them where the settings say so."""
    if settings.server.stop_engines:
        for name in house.services.inventory.names():
            try:
                await house.services.inventory.driver(name).stop()
            except BusyoutError as error:
                log.warning("engine_not_stopped", extra={"element": name, "reason": str(error)})
    await house.close()


async def _start(house: House, name: str) -> None:
    """Start one engine; one that is silent is left to the supervision, one that is refused stops the start."""
    try:
        await house.services.inventory.start(name)
    except ElementUnreachable as error:
        log.warning("engine_silent", extra={"element": name, "reason": str(error)})
