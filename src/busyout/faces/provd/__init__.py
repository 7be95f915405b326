"""The provd API of XiVO and Wazo: plug-ins, their packages, parameters, devices, and operations in progress."""

from busyout.faces.provd.routes import build

__all__ = ["build"]
