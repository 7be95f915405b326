"""Business attributes as the wire has them."""

from busyout.domain.context.business import BusinessAttribute
from busyout.wire.ucs import messages


def told(attribute: BusinessAttribute) -> messages.BusinessAttribute:
    """One business attribute with its values."""
    return messages.BusinessAttribute(
        name=attribute.name,
        dbid=attribute.dbid,
        display_name=attribute.display_name,
        description=attribute.description,
        map_name=attribute.map_name,
        cv_attributes=attribute.cv_attributes,
        values=tuple(
            messages.BusinessValue(value.name, value.dbid, value.display_name, value.description)
            for value in attribute.values
        ),
    )
