"""Who may do what: the document knows no levels, its successor a right for each resource (wire notes, 1.9)."""

from busyout.http import Level

READING = Level.MONITOR
"""GET and HEAD."""

ACTING = Level.ADMINISTRATOR
"""POST, PUT and DELETE."""
