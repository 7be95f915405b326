"""`demo`: a guided run that shows, with real calls, that a restart cuts none of them."""

from busyout.cli.demo.command import demo

__all__ = ["demo"]
