"""What a request about devices and configs asks for: tenants, queries, leases."""

import json
from base64 import b64decode
from typing import Any, Final

from msgspec import Struct

from busyout.domain.commands import SynchronizeDevice
from busyout.domain.device import MAIN
from busyout.domain.dhcp import DhcpInfo, read_dhcp
from busyout.domain.document import checked_id
from busyout.domain.errors import InvalidValue, NotPermitted
from busyout.domain.operator import Caller
from busyout.domain.selector import Query, read_query
from busyout.faces.provd.translate import asked

LONGEST: Final = 9
"""Digits of a number in a query."""


class Asked(Struct, frozen=True):
    """The query string of a list; all of it is optional."""

    q: str | None = None
    """A selector, JSON."""
    q64: str | None = None
    """The same in base64."""
    fields: str | None = None
    """Names, parted by commas."""
    skip: str | None = None
    limit: str | None = None
    sort: str | None = None
    sort_ord: str | None = None
    """`ASC` or `DESC`."""
    recurse: str | None = None
    """`true` for the tenants below as well."""


def tenant_of(caller: Caller, header: str | None) -> str:
    """The tenant that a request is about: the one that it names, or its caller's own.

    Raises:
        InvalidValue: It is no plain name.
        NotPermitted: The caller may not see what is that tenant's.
    """
    tenant = checked_id(header or caller.tenant or MAIN)
    if caller.tenant and caller.tenant != tenant:
        raise NotPermitted(f"{caller.name} may not see what is of tenant {tenant}")
    return tenant


def recurse(query: Asked) -> bool:
    """Whether the tenants below are meant as well."""
    return (query.recurse or "").lower() == "true"


def query_of(query: Asked) -> Query:
    """What a list is asked for.

    Raises:
        InvalidValue: A selector, a number or an order cannot be read.
    """
    order = (query.sort_ord or "ASC").upper()
    if order not in ("ASC", "DESC"):
        raise InvalidValue("sort_ord is ASC or DESC")
    limit = _number("limit", query.limit)
    return read_query(
        _selector(query),
        fields=tuple((query.fields or "").split(",")),
        window=(_number("skip", query.skip) or 0, limit or None),
        sort=query.sort or None,
        ascending=order == "ASC",
    )


def lease_of(caller: Caller, body: object) -> DhcpInfo:
    """What a DHCP server tells, whose leases are those of every tenant's devices.

    Raises:
        NotPermitted: The caller may see one tenant's devices only.
        MalformedBody, InvalidValue: It is not told as it should be.
    """
    if caller.tenant and caller.tenant != MAIN:
        raise NotPermitted(f"{caller.name} may not change the devices of every tenant, as a lease does")
    return read_dhcp(asked.member_of(body, "dhcp_info"))


def synchronize(device: str) -> SynchronizeDevice:
    """The command that a synchronization stands for."""
    return SynchronizeDevice(device)


def _selector(query: Asked) -> Any:  # noqa: ANN401 - whatever JSON there is; who reads it judges it
    text = query.q
    if query.q64:
        try:
            text = b64decode(query.q64, validate=True).decode()
        except ValueError as error:
            raise InvalidValue("q64 is no base64 of a JSON selector") from error
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidValue("q is no JSON selector") from error


def _number(name: str, text: str | None) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST:
        raise InvalidValue(f"{name} is a whole number from 0")
    return int(text)
