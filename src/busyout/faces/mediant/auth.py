"""Who may do what: the lowest level per directory (wire/mediant.md 1.1).

The document of 2015 asks for Security Administrator everywhere; later versions have three levels, which we keep.
"""

from busyout.http import Level

READING = Level.MONITOR
"""`/api`, `/api/v1` and `/status`."""

ACTING = Level.ADMINISTRATOR
"""`/actions` and everything below, reading included."""
