"""Who begins something in a service that is being purged waits, and finds that it is gone."""

import asyncio

import psycopg
import pytest
from tests.keys import KEYS
from tests.store.making import RECORD

from busyout.domain.context.course import Course, Occurrence
from busyout.domain.context.errors import NoSuchService
from busyout.domain.context.schema import Subject
from busyout.domain.mode import Mode
from busyout.ports.context_courses import Beginning
from busyout.store import open_store

pytestmark = pytest.mark.anyio

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def test_a_state_begins_before_a_purge_or_not_at_all(postgres_url: str) -> None:
    store = open_store(postgres_url, KEYS)
    await store.modes.open(Mode.PRODUCTION)
    begun = Occurrence(1.0, {})
    service = Course(subject=Subject.SERVICE, contact="+41", type="1", started=begun)
    number = await store.courses.start(Beginning(service), audit=RECORD)
    state = Beginning(Course(subject=Subject.STATE, service=number, type="1", started=begun))
    with psycopg.connect(postgres_url, options="-c search_path=busyout") as purge:
        purge.execute("DELETE FROM courses WHERE id = %s", (number,))
        starting = asyncio.create_task(store.courses.start(state, audit=RECORD))
        with psycopg.connect(postgres_url, autocommit=True) as watch:
            async with asyncio.timeout(10.0):
                while watch.execute(WAITING).fetchall() == [(0,)]:
                    await asyncio.sleep(0)
        purge.commit()
    with pytest.raises(NoSuchService):
        await starting
    await store.close()
