"""Who may do what on the native API. The services check again what they do."""

from busyout.http import Level

READING = Level.MONITOR
"""Every GET that is not mentioned below."""

ACTING = Level.ADMINISTRATOR
"""Everything that changes something."""

AUDITING = Level.SECURITY_ADMINISTRATOR
"""The audit trail."""

PUBLIC = None
"""Health and the OpenAPI document: no credentials."""
