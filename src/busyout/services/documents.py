"""Queries over documents that are kept: read page by page, filtered and cut on the way, so that memory is bounded."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Final, Protocol
from uuid import uuid4

from busyout.domain.document import Document, checked_document, checked_id
from busyout.domain.search import Search
from busyout.domain.selector import Query, shown, sort_key

PAGE: Final = 200
"""Most documents read at once."""


class Kept(Protocol):
    """A document that is kept."""

    @property
    def number(self) -> int:
        """Place in the order in which documents were added."""

    @property
    def view(self) -> Document:
        """What is shown of it."""


class Pages(Protocol):
    """Where documents are kept."""

    async def page(self, equal: Mapping[str, str], *, after: int, limit: int) -> Sequence[Kept]:
        """Those with a number above `after` and those texts in indexed members, by number.

        Fewer than `limit` where they are large; none only where there is none.
        """

    async def numbered(self, numbers: tuple[int, ...]) -> Sequence[Kept]:
        """Those of these numbers that are still there, in that order.

        Not the last ones where they are large; none only where none is there any more.
        """


async def found(
    pages: Pages, query: Query, *, indexed: Collection[str], within: Mapping[str, str]
) -> AsyncIterator[Document]:
    """What a query finds among the documents with the texts of `within`, one after the other.

    What is changed while the query is read is there as it was before or as it is after.

    Raises:
        InvalidValue: The query looks at more values than it may.
    """
    equal = {**query.selector.equalities(indexed), **within}
    documents = _matching(pages, query, equal) if query.sort is None else _sorted(pages, query, equal)
    async for document in documents:
        yield shown(document, query.fields)


async def _matching(pages: Pages, query: Query, equal: Mapping[str, str]) -> AsyncIterator[Document]:
    place = 0
    async for kept in _every(pages, equal, Search(query.selector)):
        place += 1
        if place > query.skip:
            yield kept.view
        if query.limit is not None and place >= query.skip + query.limit:
            return


async def _sorted(pages: Pages, query: Query, equal: Mapping[str, str]) -> AsyncIterator[Document]:
    """Sorts what the documents are sorted by, not the documents, and reads these when it is their turn."""
    assert query.sort is not None
    keys: list[tuple[tuple[int, Any], int]] = []
    async for kept in _every(pages, equal, Search(query.selector)):
        keys.append((sort_key(kept.view, query.sort), kept.number))
    keys.sort(key=lambda entry: entry[0], reverse=not query.ascending)
    end = None if query.limit is None else query.skip + query.limit
    numbers = tuple(number for _, number in keys[query.skip : end])
    while numbers:
        wanted = numbers[:PAGE]
        page = await pages.numbered(wanted)
        for kept in page:
            yield kept.view
        numbers = numbers[wanted.index(page[-1].number) + 1 if page else len(wanted) :]


async def _every(pages: Pages, equal: Mapping[str, str], search: Search) -> AsyncIterator[Kept]:
    """Those that a search finds, judged in a thread: a document may have many values, and others wait on the loop."""
    after = 0
    while page := await pages.page(equal, after=after, limit=PAGE):
        after = page[-1].number
        for kept in await asyncio.to_thread(_found_in, page, search) if search.judges else page:
            yield kept


def _found_in(page: Sequence[Kept], search: Search) -> list[Kept]:
    return [kept for kept in page if search.finds(kept.view)]


def new_id(document: object) -> str:
    """The id that a document brings, or a new one.

    Raises:
        InvalidValue: It is no document, or its id is no plain name.
    """
    given = checked_document(document)
    return uuid4().hex if given.get("id") is None else checked_id(given["id"])
