"""Outbound: one package per engine or device that can be managed."""
