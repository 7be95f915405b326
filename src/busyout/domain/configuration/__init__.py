"""Configuration in the RFC 8342 datastores: neutral tables of typed rows, checked as a whole."""
