"""What can be set of the context services: `[context]`."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

AttributeWord = Literal["boolean", "string", "integer", "long", "double", "date", "datetime", "currency"]

Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]

Wait = Annotated[float, Meta(gt=0, le=86_400)]

LongWait = Annotated[float, Meta(ge=0, le=86_400)]

CORE: dict[str, AttributeWord] = {
    "FirstName": "string",
    "LastName": "string",
    "PhoneNumber": "string",
    "EmailAddress": "string",
    "Title": "string",
    "LastCalledAgent_EmployeeID": "string",
    "LastCalledAgent_TimeStamp": "datetime",
    "PreferredAgent_EmployeeID": "string",
}
"""Attributes of profiles where the settings name none."""


class BusinessValueSettings(Struct, frozen=True, kw_only=True):
    """One of the `values` of a business attribute."""

    name: str
    dbid: Number
    """Its number in the database that the list was taken from."""
    display_name: str = ""
    description: str = ""


class BusinessAttributeSettings(Struct, frozen=True, kw_only=True):
    """`[[context.business_attributes]]`: a list of values that types, dispositions and the like can have."""

    name: str
    dbid: Number
    """Its number in the database that the list was taken from."""
    display_name: str = ""
    description: str = ""
    map_name: str = ""
    """Name of the mapping, where it is known by one."""
    cv_attributes: tuple[str, ...] = ()
    """What is restricted to the values: `Service.type`, `State.media_type`, `Task.disposition`, …"""
    values: tuple[BusinessValueSettings, ...] = ()


class ContextSettings(Struct, frozen=True, kw_only=True):
    """`[context]`: profiles of customers, and the services that they are being given."""

    attributes: dict[str, AttributeWord] = field(default_factory=lambda: dict(CORE))
    """Attributes of every profile with their types. `attributes = {}` for no profile schema, and then no profiles."""
    business_attributes: tuple[BusinessAttributeSettings, ...] = ()
    map_names: bool = False
    """Whether values of business attributes are told by name; otherwise by number."""
    prefixes: tuple[str, ...] = ("",)
    """What the addresses of the face begin with, such as `/genesys/1/cs`; an empty one for none."""
    use_role: bool = True
    """Whether privileges decide who may do what; otherwise whoever may log in reads, and administrators write."""
    mode_switch_timeout: Wait = 60.0
    """Seconds for which a switch to production waits for requests that work on schemas; then the old mode is kept."""
    drain_timeout: LongWait = 60.0
    """Seconds for which a switch to maintenance waits for requests on profiles and services; 0 for no limit."""
    status_during_switch: bool = False
    """Whether `/server/status` is answered while the mode is being switched."""
    schema_create_in_production: bool = False
    """Whether extensions can be added in production."""
    start_mode: Literal["production", "maintenance"] | None = None
    """Mode after the very first start; later ones go on in the mode that was in force. None for production where there
    is a profile schema, and otherwise maintenance."""
    import_directory: Path | None = None
    """Directory with the files that profiles can be imported from. None where nothing can be imported."""
    export_directory: Path | None = None
    """Directory that services are exported to. None where nothing can be exported to files."""
