"""Profiles between the wire and ours: what is asked for by a query, and by an import."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from busyout.domain.context.attribute import from_text
from busyout.domain.context.customer import Customer, Seen
from busyout.domain.context.importing import ImportRequest
from busyout.domain.context.names import folded
from busyout.domain.context.schema import Extension, Kind, Schemas, Subject
from busyout.domain.errors import InvalidValue
from busyout.faces.ucs.translate.asked import choice_of, document_of, names_of
from busyout.faces.ucs.translate.schemas import text_of

ASKING: Final = frozenset({"id_key", "include_profile", "extensions", "include_extensions"})
"""Parameters of an identification that are no attributes (page "Identify Customer")."""

YES_NO: Final = {"yes": True, "no": False}
UNIQUE_ALWAYS: Final = {"unique": True, "always": False}


ID: Final = "customer_id"
"""Beside the attributes and the extensions, whose names it cannot be."""


class Identification(Struct, frozen=True):
    """Whom to find, and what to tell of them."""

    attributes: dict[str, str]
    key: str | None
    """None to take the key that fits best."""
    profile: bool
    extensions: tuple[str, ...]
    only_unique: bool
    """Whether extensions are told only where exactly one customer is found."""


def identification_of(query: Mapping[str, str]) -> Identification:
    """The identification that a query asks for.

    Raises:
        InvalidValue: It has no attribute, or a parameter is not one of its words.
    """
    attributes = {name: value for name, value in query.items() if name not in ASKING}
    if not attributes:
        raise InvalidValue("at least one attribute is needed to find a customer by")
    return Identification(
        attributes=attributes,
        key=query.get("id_key") or None,
        profile=choice_of("include_profile", query.get("include_profile", "no"), YES_NO),
        extensions=names_of(query.get("extensions", "")),
        only_unique=choice_of("include_extensions", query.get("include_extensions", "always"), UNIQUE_ALWAYS),
    )


def profile_of(body: object, customer: str | None = None) -> dict[str, Any]:
    """What a body says of a customer, by the names of attributes and extensions.

    The id in it is that of the address, or means nothing for a new customer.

    Raises:
        MalformedBody: It is no object.
        InvalidValue: It has another id.
    """
    document = document_of(body)
    ids = [name for name in document if len(name) == len(ID) and folded(name) == ID]
    if customer is not None and any(document[name] != customer for name in ids):
        raise InvalidValue(f"{ID} in the body is not that of the address")
    return {name: value for name, value in document.items() if name not in ids} if ids else document


def told(seen: Seen) -> list[dict[str, Any]]:
    """Customers with the extensions that were asked for, each in one flat object."""
    whole = (_told(customer, seen.extensions) for customer in seen.customers)
    return [*whole, *({ID: customer} for customer in seen.others)]


def _told(customer: Customer, extensions: tuple[Extension, ...]) -> dict[str, Any]:
    document: dict[str, Any] = {ID: customer.id, **customer.attributes}
    for extension in extensions:
        records = customer.records.get(extension.id, ())
        if extension.kind is Kind.MULTI_VALUED:
            document[extension.name] = list(records)
        elif records:
            document[extension.name] = records[0]
    return document


def has_extensions(schemas: Schemas, document: Mapping[str, object]) -> bool:
    """Whether a profile names extensions, be it to leave them without records."""
    known = {folded(extension.name) for extension in schemas.of_subject(Subject.PROFILE)}
    return bool(known) and any(folded(name) in known for name in document)


def record_of(
    schemas: Schemas, extension: str, body: Mapping[str, object], query: Mapping[str, str]
) -> dict[str, object]:
    """The unique attributes that tell a record, from a body or, as texts, from a query.

    Raises:
        NoSuchExtension: There is none of that name.
        InvalidValue: A text is no value of its attribute.
    """
    own = schemas.extension(Subject.PROFILE, extension)
    told: dict[str, object] = {}
    for name, text in query.items():
        attribute = own.attribute(name)
        told[name] = text if attribute is None else from_text(attribute, text)
    return {**told, **body}


def import_of(document: dict[str, Any]) -> ImportRequest:
    """The import that a body asks for (9.1, page "Import Profile Records").

    Raises:
        InvalidValue: It is not well-formed, or asks for what is not offered.
    """
    if text_of(document, "format", "CSV").upper() != "CSV":
        raise InvalidValue("format is CSV")
    if document.get("max-errors", 0) not in (0, "0"):
        raise InvalidValue("max-errors is 0: a file is taken in whole or not at all")
    if document.get("create-log", False) not in (False, "false"):
        raise InvalidValue("create-log is false: the answer names the row that cannot be taken in")
    first = document.get("start-from-index", 0)
    if not isinstance(first, int) or isinstance(first, bool) or not 0 <= first < 2**31:
        raise InvalidValue("start-from-index is a number of rows to leave out")
    return ImportRequest(
        profiles=text_of(document, "profiles"),
        key=text_of(document, "id-key", "") or None,
        delimiter=text_of(document, "delimiter", ","),
        encoding=text_of(document, "encoding", "UTF-8"),
        start_from=first,
    )
