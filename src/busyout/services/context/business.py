"""Business attributes, as the settings have them."""

from collections.abc import Mapping

from busyout.domain.context.business import MAX_FREE, BusinessAttribute
from busyout.domain.context.errors import NoSuchBusinessAttribute
from busyout.domain.context.names import folded, shown
from busyout.domain.errors import InvalidValue


class BusinessAttributes:
    """Tells which values there are, and takes values in by them."""

    def __init__(self, attributes: tuple[BusinessAttribute, ...], *, map_names: bool) -> None:
        """`map_names` tells values by their names, otherwise by their numbers. Each attribute name is there once, and
        each that is restricted is restricted by one."""
        self._by_name = {folded(attribute.name): attribute for attribute in attributes}
        self._by_use: Mapping[str, BusinessAttribute] = {
            folded(use): attribute for attribute in attributes for use in attribute.cv_attributes
        }
        self._map_names = map_names

    def all(self) -> tuple[BusinessAttribute, ...]:
        """Every business attribute, in the order of the settings."""
        return tuple(self._by_name.values())

    def one(self, name: str) -> BusinessAttribute:
        """The one of that name, in any case.

        Raises:
            NoSuchBusinessAttribute: There is none.
        """
        found = self._by_name.get(folded(name))
        if found is None:
            raise NoSuchBusinessAttribute(f'there is no business attribute "{shown(name)}"')
        return found

    def of(self, cv_attribute: str) -> tuple[BusinessAttribute, ...]:
        """Those that restrict, for example, `Service.type`; none or one."""
        found = self._by_use.get(folded(cv_attribute))
        return () if found is None else (found,)

    def check(self, cv_attribute: str, value: object) -> int | str:
        """A value as it is kept: the number of the one that is meant, or as it came where nothing is mapped.

        Raises:
            InvalidValue: It is neither text nor a whole number, too long, or no value of what is mapped.
        """
        if isinstance(value, bool) or not isinstance(value, int | str) or not _plain(value):
            raise InvalidValue(f"{cv_attribute} is a number or a text of 1 to {MAX_FREE} characters")
        mapped = self._by_use.get(folded(cv_attribute))
        if mapped is None:
            return value
        found = mapped.value(value)
        if found is None:
            raise InvalidValue(f'"{shown(str(value))}" is no {cv_attribute} that "{mapped.name}" knows')
        return found.dbid

    def told(self, cv_attribute: str, kept: int | str) -> int | str:
        """A value that is kept, as it is told: by name where that is set; as it is where nothing is mapped any more."""
        mapped = self._by_use.get(folded(cv_attribute))
        found = mapped.value(kept) if mapped is not None and self._map_names else None
        return kept if found is None else found.name


def _plain(value: int | str) -> bool:
    return isinstance(value, int) or (1 <= len(value) <= MAX_FREE and value.isprintable())
