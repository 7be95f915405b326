"""A search for documents that match, which ends when it has looked at too much."""

from typing import Final

from busyout.domain.document import Document
from busyout.domain.errors import InvalidValue
from busyout.domain.selector import Selector, values_at

MAX_LOOKS: Final = 4_000_000
"""Most values that one search looks at, in all documents together."""


class Search:
    """One run of a selector over documents."""

    def __init__(self, selector: Selector, *, most: int = MAX_LOOKS) -> None:
        """`most` is how many values are looked at before the search is given up."""
        self._conditions = selector.conditions
        self._most = most
        self._looks = 0

    @property
    def judges(self) -> bool:
        """Whether there is anything to judge."""
        return bool(self._conditions)

    def finds(self, document: Document) -> bool:
        """Whether a document meets every condition.

        Raises:
            InvalidValue: So many values have been looked at that the search is given up.
        """
        for path, judge in self._conditions:
            values = tuple(values_at(path, document))
            self._looks += 1 + sum(map(_weight, values))
            if self._looks > self._most:
                raise InvalidValue(f"the query looks at more than {self._most} values: ask for less at once")
            if not judge(values):
                return False
        return True


def _weight(value: object) -> int:
    """How many values a value is, itself and all in it."""
    if isinstance(value, dict):
        return 1 + sum(map(_weight, value.values()))
    return 1 + sum(map(_weight, value)) if isinstance(value, list) else 1
