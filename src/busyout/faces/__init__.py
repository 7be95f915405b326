"""Inbound HTTP: one package per document, each a thin translation onto the services."""
