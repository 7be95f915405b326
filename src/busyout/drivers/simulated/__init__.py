"""Engines in memory: they carry calls that end at their time, and can be asked to go wrong."""
