"""Operators kept in the store."""

import pytest
from msgspec.structs import replace
from tests.store.making import RECORD

from busyout.domain.operator import Level, Operator
from busyout.store import Store

pytestmark = pytest.mark.anyio

ADMIN = Operator("admin", "$argon2id$hash", Level.SECURITY_ADMINISTRATOR, ("orm", "provd"))


async def test_operators_are_added_and_replaced_and_audited(store: Store) -> None:
    ann = Operator("ann", "$argon2id$other", Level.MONITOR)
    await store.operators.put(ann, audit=RECORD)
    await store.operators.put(ADMIN, audit=RECORD)
    assert await store.operators.all() == (ADMIN, ann)
    promoted = replace(ann, level=Level.ADMINISTRATOR, password_hash="$argon2id$new")
    await store.operators.put(promoted, audit=RECORD)
    assert await store.operators.all() == (ADMIN, promoted)
    assert len(await store.audit.since(0, limit=10)) == 3
