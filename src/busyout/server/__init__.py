"""The composition root: the only package that knows all parts."""

from busyout.server.main import main

__all__ = ["main"]
