"""One file of sealing keys for all tests that open a store of their own, in whatever process."""

import atexit
import base64
import shutil
import tempfile
from pathlib import Path

_HOME = Path(tempfile.mkdtemp(prefix="busyout-keys-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)

KEYS = _HOME / "sealing-key"
KEYS.touch(mode=0o600)
KEYS.write_bytes(base64.b64encode(bytes(range(32))) + b"\n")
