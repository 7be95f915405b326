"""The native API: every element, every operation, everything the command line and the console need."""

from busyout.faces.native.routes import build

__all__ = ["build"]
