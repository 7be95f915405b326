"""The server's own settings: one TOML file, environment variables over it, and defaults under it."""

from busyout.settings.context import BusinessAttributeSettings, BusinessValueSettings, ContextSettings
from busyout.settings.findings import Finding, InvalidSettings
from busyout.settings.load import Further, admin_password, load, state_directory
from busyout.settings.model import (
    Authentication,
    ElementSettings,
    FaceSettings,
    ListenerSettings,
    OperatorSettings,
    ProvisioningSettings,
    Rows,
    ServerSettings,
    Settings,
    StoreSettings,
    Tls,
    TokenSettings,
)
from busyout.settings.shape import misshapen

__all__ = [
    "Authentication",
    "BusinessAttributeSettings",
    "BusinessValueSettings",
    "ContextSettings",
    "ElementSettings",
    "FaceSettings",
    "Finding",
    "Further",
    "InvalidSettings",
    "ListenerSettings",
    "OperatorSettings",
    "ProvisioningSettings",
    "Rows",
    "ServerSettings",
    "Settings",
    "StoreSettings",
    "Tls",
    "TokenSettings",
    "admin_password",
    "load",
    "misshapen",
    "state_directory",
]
