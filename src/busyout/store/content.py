"""Values in columns: encoded by msgspec, decoded into the types they had."""

import re

import msgspec

_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def encode(value: object) -> str:
    """A value as JSON, without NUL, which PostgreSQL cannot keep."""
    body = msgspec.json.encode(value)
    if b"\\u0000" in body:
        body = _NUL.sub(rb"\1\\ufffd", body)
    return body.decode()
