"""Busyout takes the servers of a voice network out of service without dropping a call."""

__version__ = "0.1.0"
