"""Extensions, keys and business attributes between the wire and ours."""

from typing import Any, Final

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.names import checked_name, folded
from busyout.domain.context.schema import PROFILE, UNNUMBERED, Extension, IdentificationKey, Kind, Subject
from busyout.domain.errors import InvalidValue
from busyout.faces.ucs.translate.asked import document_of
from busyout.faces.ucs.translate.starts import RESERVED
from busyout.wire.ucs import messages

__all__ = ["Subject", "attribute_told", "extension_of", "extension_told", "key_of", "key_told", "list_of", "text_of"]

KINDS: Final = {kind.value: kind for kind in Kind}
TYPES: Final = {type.value: type for type in AttributeType}
WORDS: Final = {"true": True, "false": False}


def extension_of(subject: Subject, body: object) -> Extension:
    """The extension that a body describes.

    Raises:
        InvalidValue: It describes none; the message names the member.
    """
    document = document_of(body)
    kind = KINDS.get(text_of(document, "type").lower())
    if kind is None or (kind is Kind.CLASSIFIER and subject is not Subject.PROFILE):
        raise InvalidValue(f"type is {' or '.join(KINDS)}")
    name = checked_name(text_of(document, "name"))
    if subject is not Subject.PROFILE and folded(name) in RESERVED:
        raise InvalidValue(f'the name "{name}" is reserved: it is a member of every {subject.value}')
    attributes = tuple(attribute_of(one) for one in list_of(document, "attributes"))
    return Extension(
        id=UNNUMBERED,
        subject=subject,
        name=name,
        kind=kind,
        attributes=attributes,
        unique=tuple(combination_of(one) for one in list_of(document, "unique")),
        required=flag_of(document, "required"),
    )


def attribute_of(value: object) -> Attribute:
    """One attribute of an extension.

    Raises:
        InvalidValue: It is none.
    """
    document = document_of(value)
    name = checked_name(text_of(document, "name"))
    type = TYPES.get(text_of(document, "type").lower())
    if type is None:
        raise InvalidValue(f"the type of {name} is one of {', '.join(TYPES)}")
    return Attribute(
        name=name,
        type=type,
        default=document.get("default"),
        length=length_of(document),
        mandatory=flag_of(document, "mandatory"),
        encrypt=flag_of(document, "encrypt"),
        unique=flag_of(document, "unique"),
    )


def combination_of(value: object) -> tuple[str, ...]:
    """Attributes that are unique together: one name, or several.

    Raises:
        InvalidValue: It is neither.
    """
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(name, str) for name in names):
        raise InvalidValue("unique has names of attributes, or lists of them")
    return tuple(names)


def key_of(body: object) -> IdentificationKey:
    """The identification key that a body describes; the attributes of an extension may have its name before them.

    Raises:
        InvalidValue: It describes none.
    """
    document = document_of(body)
    source = text_of(document, "source", PROFILE)
    attributes = list_of(document, "attributes")
    if not attributes or not all(isinstance(name, str) for name in attributes):
        raise InvalidValue("attributes is mandatory, and a list of names")
    prefix = f"{source.lower()}."
    return IdentificationKey(
        id=UNNUMBERED,
        name=checked_name(text_of(document, "name")),
        source=source,
        attributes=tuple(name[len(prefix) :] if name.lower().startswith(prefix) else name for name in attributes),
        unique=flag_of(document, "unique"),
    )


def extension_told(extension: Extension) -> messages.ExtensionSchema:
    """An extension."""
    return messages.ExtensionSchema(
        name=extension.name,
        type=extension.kind.value,
        attributes=tuple(attribute_told(attribute) for attribute in extension.attributes),
        unique=tuple(names[0] if len(names) == 1 else names for names in extension.unique),
        required=extension.required,
    )


def attribute_told(attribute: Attribute) -> messages.AttributeSchema:
    """An attribute."""
    return messages.AttributeSchema(
        name=attribute.name,
        type=attribute.type.value,
        length=attribute.length or 0,
        default=attribute.default,
        mandatory=attribute.mandatory,
        encrypt=attribute.encrypt,
        unique=attribute.unique,
    )


def key_told(key: IdentificationKey) -> messages.IdentificationKey:
    """An identification key."""
    own = key.source == PROFILE
    names = key.attributes if own else tuple(f"{key.source}.{name}" for name in key.attributes)
    return messages.IdentificationKey(name=key.name, source=key.source, attributes=names, unique=key.unique)


def text_of(document: dict[str, Any], name: str, otherwise: str | None = None) -> str:
    """A member that is a text; `otherwise` where it is missing, or None where it must not.

    Raises:
        InvalidValue: It is none.
    """
    value = document.get(name, otherwise)
    if not isinstance(value, str):
        raise InvalidValue(f"{name} is mandatory, and a text")
    return value


def list_of(document: dict[str, Any], name: str) -> list[Any]:
    """A member that is a list; empty where it is missing.

    Raises:
        InvalidValue: It is none.
    """
    value = document.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidValue(f"{name} is a list")
    return value


def flag_of(document: dict[str, Any], name: str) -> bool:
    """A member that is true or false, or says so in a text, as the documents' own examples do; false where missing.

    Raises:
        InvalidValue: It is neither.
    """
    value = document.get(name, False)
    found = WORDS.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise InvalidValue(f"{name} is true or false")
    return found


def length_of(document: dict[str, Any]) -> int | None:
    """The member `length`, a number or its text; None where it is missing or 0.

    Raises:
        InvalidValue: It is neither.
    """
    value = document.get("length")
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        value = int(value)
    if value is None or value == 0:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidValue("length is a number of characters")
    return value
