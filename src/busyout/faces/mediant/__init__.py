"""The Mediant REST API (LTRT-41760) for one element that carries calls."""

from busyout.faces.mediant.routes import build

__all__ = ["build"]
