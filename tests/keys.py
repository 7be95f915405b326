"""Files of sealing keys: one for all tests that open a store of their own, in whatever process, and others."""

import atexit
import base64
import shutil
import tempfile
from pathlib import Path

from busyout.store.seal import read_keys

_HOME = Path(tempfile.mkdtemp(prefix="busyout-keys-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)

KEYS = _HOME / "sealing-key"
KEYS.touch(mode=0o600)
KEYS.write_bytes(base64.b64encode(bytes(range(32))) + b"\n")


def key_file(tmp_path: Path, *secrets: int) -> Path:
    """A file with these keys."""
    file = tmp_path / f"keys-{'-'.join(map(str, secrets))}"
    file.touch(0o600)
    file.write_bytes(b"".join(base64.b64encode(bytes([secret] * 32)) + b"\n" for secret in secrets))
    return file


def key_id(file: Path) -> str:
    """What the present key of a file is told by."""
    seal = read_keys(file)
    assert seal is not None
    return seal.key
