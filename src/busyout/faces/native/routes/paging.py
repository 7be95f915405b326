"""Pages of lists: what may be asked for, and the envelope."""

from collections.abc import Callable, Iterable
from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from busyout.wire import native

T = TypeVar("T")

Limit = Annotated[int, Meta(ge=1, le=1000, description="Most items on the page.")]

Position = Annotated[int, Meta(ge=0, le=2**53, description="`next` of the previous page.")]

Key = Annotated[str, Meta(max_length=256, description="`next` of the previous page.")]


class Numbered(Struct, frozen=True):
    """A page of things with numbers."""

    limit: Limit = 100
    after: Position = 0


class Named(Struct, frozen=True):
    """A page of things with names."""

    limit: Limit = 100
    after: Key | None = None


def page(items: Iterable[T], *, limit: int, key: Callable[[T], object]) -> native.Page[T]:
    """The envelope: a full page may be followed by another one."""
    found = tuple(items)
    return native.Page(found, str(key(found[-1])) if len(found) >= limit else None)
