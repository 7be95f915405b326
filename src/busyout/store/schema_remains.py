"""The part of the schema that tells what is gone while rows of it are left; it belongs to the same metadata."""

from sqlalchemy import Column, Table, Text

from busyout.store.schema import Number, metadata

gone_customers = Table("gone_customers", metadata, Column("customer", Text, primary_key=True))
"""Customers of whom only records, services, interactions or what they were found under are left: nobody sees these."""

gone_services = Table("gone_services", metadata, Column("service", Number, primary_key=True, autoincrement=False))
"""Services that nobody sees, with their states, tasks and records."""
