"""A repository of sample plug-ins, built in a folder."""

import io
import json
import tarfile
import zipfile
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

from busyout.domain.signature import key_text, public_of, sign

PRIVATE = bytes(range(32))
PUBLIC = key_text(public_of(PRIVATE))

CAPABILITIES = {"Acme, Phone 1, 2.0": {"sip.lines": 6}}


@dataclass(slots=True)
class SampleRepository:
    """Plug-ins that are offered."""

    folder: Path
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    signed: bool = False

    @property
    def url(self) -> str:
        """What `plugin_server` is set to."""
        return self.folder.as_uri()

    def offer(self, plugin: str, version: str = "1.0", *, files: dict[str, bytes] | None = None, **columns: Any) -> str:
        """Offer a plug-in in the index; returns the file name of its package."""
        info = {"version": version, "description": f"Plug-in {plugin}.", "capabilities": CAPABILITIES, **columns}
        content = packed(plugin, {"plugin-info": json.dumps(info).encode(), **(files or {})})
        filename = f"{plugin}-{version}.tar.bz2"
        self.put(filename, content)
        self.entries[plugin] = info | {
            "filename": filename,
            "dsize": len(content),
            "sha1sum": sha1(content).hexdigest(),
        }
        self.publish()
        return filename

    def publish(self, content: bytes | None = None) -> None:
        """Write the index: of what is offered, or whatever is given."""
        self.put("plugins.db", json.dumps(self.entries).encode() if content is None else content)

    def put(self, name: str, content: bytes) -> None:
        """Write a file, and its signature where files are signed."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_bytes(content)
        if self.signed:
            (self.folder / f"{name}.sig").write_bytes(sign(PRIVATE, name, sha256(content).hexdigest()))


def packed(plugin: str, files: dict[str, bytes]) -> bytes:
    """A package with one top directory."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:bz2") as archive:
        top = tarfile.TarInfo(plugin)
        top.type, top.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(top)
        for name, content in files.items():
            member = tarfile.TarInfo(f"{plugin}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def zipped(**files: bytes) -> bytes:
    """A firmware as vendors give it out."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def recipes(*, url: str, content: bytes, version: str = "2.0", digest: str | None = None) -> bytes:
    """The `pkgs.db` of a plug-in with one package `firmware`, of one zip file."""
    return f"""
[pkg_firmware]
description: Firmware of phones
description_fr: Logiciel des postes
version: {version}
files: image
install: unpack

[install_unpack]
a-b: unzip $FILE1
b-c: cp *.bin acme/

[file_image]
url: {url}
size: {len(content)}
sha1sum: {digest or sha1(content).hexdigest()}
""".encode()
