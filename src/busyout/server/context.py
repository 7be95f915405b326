"""What the context services stand on, made from the settings."""

from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.business import BusinessAttribute, BusinessValue
from busyout.domain.drain import UntilIdle, Within
from busyout.domain.mode import Mode
from busyout.services.context.rules import ContextRules
from busyout.settings import BusinessAttributeSettings, ContextSettings


def context_rules_of(settings: ContextSettings) -> ContextRules:
    """The rules that the settings give."""
    return ContextRules(
        core=tuple(Attribute(name, AttributeType(word)) for name, word in settings.attributes.items()),
        business_attributes=tuple(_business(attribute) for attribute in settings.business_attributes),
        map_names=settings.map_names,
        prefixes=settings.prefixes,
        use_role=settings.use_role,
        to_production=Within(settings.mode_switch_timeout),
        to_maintenance=Within(settings.drain_timeout) if settings.drain_timeout else UntilIdle(),
        status_during_switch=settings.status_during_switch,
        schema_create_in_production=settings.schema_create_in_production,
        start_mode=None if settings.start_mode is None else Mode(settings.start_mode),
        import_directory=settings.import_directory,
        export_directory=settings.export_directory,
    )


def _business(attribute: BusinessAttributeSettings) -> BusinessAttribute:
    return BusinessAttribute(
        name=attribute.name,
        dbid=attribute.dbid,
        display_name=attribute.display_name,
        description=attribute.description,
        map_name=attribute.map_name,
        cv_attributes=attribute.cv_attributes,
        values=tuple(
            BusinessValue(value.name, value.dbid, value.display_name, value.description) for value in attribute.values
        ),
    )
