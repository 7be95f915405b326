"""Queries over many devices: by index where there is one, streamed where there is none, in any order."""

import tracemalloc
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.keys import KEYS
from tests.services.directory import ADMIN, Directory
from tests.store.direct import ask

from busyout.domain.errors import InvalidValue
from busyout.domain.search import Search
from busyout.domain.selector import read_query, read_selector
from busyout.store.opening import unlock
from busyout.store.schema_directory import devices
from busyout.store.statement import Dialect, Statement
from busyout.store.tables.document_pages import page_statement, sizes_statement

pytestmark = pytest.mark.anyio

MANY = 10_000

COPIES = """
    WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < 10000)
    INSERT INTO devices (id, tenant, mac, ip, plugin, config, configured, outdated, content)
    SELECT 'd' || n, CASE WHEN n % 10 = 0 THEN 't1' ELSE 'main' END, 'mac-' || n, 'ip-' || n, 'snom', 'p' || (n % 100),
           n % 2 = 0, false,
           '{"mac":"mac-' || n || '","ip":"ip-' || n || '","plugin":"snom","config":"p' || (n % 100)
           || '","place":' || (n % 7) || ',"rank":' || (10000 - n) || ',"note":"' || NOTE || '"}'
    FROM counting ORDER BY n
"""


def fill(url: str, *, note: str = "''") -> None:
    """Ten thousand devices, sealed as those of an older server are; `note` is SQL for a text in each."""
    ask(url, COPIES.replace("NOTE", note))
    ask(url, "UPDATE sealing_keys SET complete = false")
    unlock(url, KEYS)


def explained(url: str, *columns: str) -> tuple[str, str]:
    """How the database reads a page of devices with given texts in those columns: sizes first, then the rows."""
    names = frozenset(columns)
    sizes, page = sizes_statement(devices.c.content, names), page_statement(devices, names)
    return plan(url, sizes, columns), plan(url, page, columns)


def plan(url: str, made: Statement, columns: tuple[str, ...]) -> str:
    """How the database carries a statement out."""
    on_sqlite = url.startswith("sqlite")
    statement = made.text(Dialect.SQLITE if on_sqlite else Dialect.POSTGRESQL)
    sql = statement.text
    texts = {"id": "d17", "mac": "mac-17", "ip": "ip-17", "plugin": "snom", "config": "p17", "tenant": "main"}
    values: dict[str, object] = {
        "after": 0,
        "most": 200,
        "upto": MANY,
        **{f"of_{name}": texts[name] for name in columns},
    }
    values |= statement.constants
    for name, value in values.items():
        sql = sql.replace(f":{name}" if on_sqlite else f"%({name})s", repr(value))
    return "\n".join(str(row) for row in ask(url, f"EXPLAIN {'QUERY PLAN ' if on_sqlite else ''}{sql}"))


async def test_what_is_indexed_is_looked_up_among_ten_thousand(directory: Directory, directory_url: str) -> None:
    fill(directory_url)
    if directory_url.startswith("postgres"):
        ask(directory_url, "ANALYZE devices")
    for column in ("mac", "ip", "config"):
        assert all(f"ix_devices_{column}" in plan for plan in explained(directory_url, column))
    for plan in explained(directory_url, "id"):
        assert any(name in plan for name in ("uq_devices_id", "sqlite_autoindex"))
    for others in (("plugin", "tenant"), ("ip", "tenant"), ("config",)):
        assert all("ix_devices_mac" in plan for plan in explained(directory_url, "mac", *others))
    found = await directory.found({"mac": "mac-17"})
    assert [(document["id"], document["place"]) for document in found] == [("d17", 17 % 7)]
    assert await directory.ids({"id": "d17", "mac": "mac-18"}) == []
    assert len(await directory.ids({"config": "p3", "place": {"$lt": 3}})) == sum(
        n % 7 < 3 for n in range(3, MANY, 100)
    )


async def test_all_are_listed_in_their_order_page_by_page(directory: Directory, directory_url: str) -> None:
    fill(directory_url)
    assert await directory.ids() == [f"d{n}" for n in range(1, MANY + 1)]
    assert await directory.ids(window=(9_990, 5)) == [f"d{n}" for n in range(9_991, 9_996)]
    assert await directory.ids({"place": 3}, window=(2, 2)) == ["d17", "d24"]
    assert await directory.ids(window=(MANY, None)) == []
    assert await directory.ids(sort="rank", window=(10, 3)) == ["d9990", "d9989", "d9988"]
    assert await directory.ids(sort="rank", ascending=False, window=(0, 2)) == ["d1", "d2"]


@pytest.mark.parametrize("directory_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("asked", [{}, {"sort": "note"}, {"selector": {"note": "none"}}], ids=str)
async def test_memory_does_not_grow_with_the_answer(
    directory: Directory, directory_url: str, asked: dict[str, Any]
) -> None:
    fill(directory_url, note="hex(zeroblob(2000))")  # 40 MB in all
    selector = asked.pop("selector", None)
    tracemalloc.start()
    try:
        query = read_query(selector, **asked)
        number = len([None async for _ in directory.devices.query(query, recurse=True)])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert number == (0 if selector else MANY)
    assert peak < 12_000_000


@pytest.mark.parametrize("asked", [{}, {"sort": "note", "fields": ("note",)}, {"selector": {"note": "x"}}], ids=str)
async def test_memory_does_not_grow_with_the_documents(directory: Directory, asked: dict[str, Any]) -> None:
    for number in range(40):
        await directory.profile(f"p{number}", raw={"text": "x" * 1_000_000})
    selector = asked.pop("selector", None)
    query = read_query(selector, **asked)
    tracemalloc.start()
    try:
        ids = [document["id"] async for document in directory.profiles.query(query)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert ids == ([] if selector else [f"p{number}" for number in range(40)])
    assert peak < 20_000_000


def test_a_search_that_looks_at_too_much_is_given_up() -> None:
    document = {"id": "p", "many": [1] * 1000}
    search = Search(read_selector({"many": {"$contains": 1, "$ne": 1}, "many.x": {"$exists": False}}), most=5000)
    assert search.finds(document)
    assert search.finds(document)
    with pytest.raises(InvalidValue, match="more than 5000 values"):
        search.finds(document)


async def test_a_tenant_sees_its_own_devices_and_the_main_one_all_if_it_asks(
    directory: Directory, directory_url: str
) -> None:
    fill(directory_url)

    async def seen(selector: object = None, **scope: Any) -> int:
        return len([None async for _ in directory.devices.query(read_query(selector), **scope)])

    assert await seen() == 9_000
    assert await seen(recurse=True) == MANY
    assert await seen(tenant="t1") == await seen(tenant="t1", recurse=True) == 1_000
    assert await seen(tenant="t2") == 0
    assert await seen({"tenant_uuid": "t1"}, recurse=True) == 1_000
    assert await seen({"tenant_uuid": "t1"}) == 0, "a selector does not widen what is seen"
    assert await seen({"tenant_uuid": {"$in": ["t1", "main"]}}, tenant="t1") == 1_000
    assert await seen({"is_new": False}, recurse=True) == 1_000


async def test_devices_without_what_they_are_sorted_by_come_first(directory: Directory) -> None:
    for id, members in {
        "text": {"x": "a"},
        "gone": {},
        "number": {"x": 5},
        "null": {"x": None},
        "truth": {"x": True},
        "object": {"x": {"y": 1}},
        "float": {"x": 1.5},
        "empty": {"x": ""},
    }.items():
        await directory.device(id, **members)
    ordered = ["gone", "null", "truth", "float", "number", "empty", "text", "object"]
    assert await directory.ids(sort="x") == ordered
    assert await directory.ids(sort="x", window=(1, 3)) == ordered[1:4]
    descending = await directory.ids(sort="x", ascending=False)
    assert descending == ["object", "text", "empty", "number", "float", "truth", "gone", "null"]
    assert await directory.ids(sort="x.y", window=(0, 1), ascending=False) == ["object"]


async def test_an_empty_text_is_found_as_it_is_kept(directory: Directory) -> None:
    for id, members in {"empty": {"mac": "", "plugin": ""}, "null": {"mac": None, "plugin": None}, "gone": {}}.items():
        await directory.device(id, **members)
    for name in ("mac", "plugin"):
        assert await directory.ids({name: ""}) == ["empty"]
        assert await directory.ids({name: None}) == ["null"]
        assert await directory.ids({name: {"$exists": False}}) == ["gone"]


async def test_fields_are_shown_and_the_id_always(directory: Directory) -> None:
    await directory.device("d", mac="00:11:22:33:44:55", options={"a": 1, "b": 2})
    assert await directory.found(fields=["mac", "options.b"]) == [
        {"id": "d", "mac": "00:11:22:33:44:55", "options": {"b": 2}}
    ]
    assert await directory.found(fields=["configured", "tenant_uuid"]) == [
        {"id": "d", "configured": False, "tenant_uuid": "main"}
    ]


MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "plugin": st.sampled_from(["", "snom", "cisco"]) | st.none(),
        "config": st.sampled_from(["p", "q"]),
        "place": st.integers(0, 3) | st.none(),
    },
)
SELECTORS = st.fixed_dictionaries(
    {},
    optional={
        "plugin": st.sampled_from(["", "snom", None, {"$ne": "snom"}, {"$exists": True}]),
        "config": st.sampled_from(["p", {"$in": ["p", "q"]}]),
        "place": st.sampled_from([1, {"$gt": 1}]),
    },
)


@pytest.mark.parametrize("directory_url", ["sqlite"], indirect=True)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kept=st.lists(MEMBERS, max_size=6),
    selector=SELECTORS,
    window=st.tuples(st.integers(0, 3), st.none() | st.integers(0, 4)),
    sort=st.none() | st.sampled_from(["place", "plugin"]),
)
async def test_the_index_finds_what_a_look_at_each_device_finds(
    directory: Directory, kept, selector, window, sort
) -> None:
    for id in await directory.ids():
        await directory.devices.delete(ADMIN, id)
    for place, members in enumerate(kept):
        await directory.device(f"d{place}", **members)
    skip, limit = window
    meets = read_selector(selector).matches
    expected = [document for document in await directory.found() if meets(document)]
    if sort is not None:
        expected.sort(key=lambda document: (document.get(sort) is not None, document.get(sort) or type_of(sort)))
    assert await directory.found(selector, window=window, sort=sort) == expected[skip : skip + limit if limit else None]


def type_of(name: str) -> object:
    """What stands for nothing among the values of a member."""
    return 0 if name == "place" else ""
