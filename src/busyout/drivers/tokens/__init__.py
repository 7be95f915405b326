"""Tokens that a service in the manner of wazo-auth has issued."""
