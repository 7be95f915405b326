"""What is kept: one schema on SQLite and on PostgreSQL, one table module for each port."""

from busyout.store.opening import Store, open_store

__all__ = ["Store", "open_store"]
