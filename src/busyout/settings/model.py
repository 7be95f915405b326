"""What can be set: one struct for each section of the file. Files and directories are relative to the file."""

from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from busyout.settings.context import ContextSettings

Authentication = Literal["basic", "none", "token"]
"""How a face knows who asks: HTTP Basic, not at all (on loopback only), or `X-Auth-Token` (provd only)."""

Seconds = Annotated[float, Meta(gt=0)]

RetryAfter = Annotated[int, Meta(ge=1, le=3600)]
"""Whole seconds: what SIP's Retry-After can say. Long ones make upstream shun the element after it is back."""

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""What an element may be called."""

LevelWord = Literal["monitor", "administrator", "security-administrator"]

Kind = Literal["sbc", "callserver", "reportingserver", "media", "vxml", "provisioning", "context"]
"""What an element can be."""

Rows = dict[str, list[dict[str, Any]]]
"""Configuration tables by name, rows as they stand in the file; the server checks them against its own tables."""


class Tls(Struct, frozen=True):
    """What a listener proves itself with."""

    certificate: Path
    """File with the certificate chain, PEM."""
    key: Path
    """File with the private key, PEM, not encrypted."""


class ServerSettings(Struct, frozen=True, kw_only=True):
    """`[server]`: the process itself."""

    data: Path
    """Directory for everything that is kept. Default: `busyout` in the XDG state directory."""
    listen: str = "127.0.0.1:8080"
    """`address:port` of the listener that all faces share."""
    tls: Tls | None = None
    """None for plain HTTP, which is refused off loopback unless `plain` asks for it."""
    plain: bool = False
    """Whether plain HTTP is wanted although `listen` is not on loopback."""
    drain_warning: Seconds = 4 * 3600.0
    """Seconds after which a drain without a deadline raises a warning."""
    retry_after: RetryAfter = 10
    """Seconds told to callers that are refused, for elements that do not say their own."""
    stop_engines: bool = False
    """Whether engines are stopped when the server stops; otherwise they go on carrying calls."""
    keep_operations: Seconds = 30 * 86400.0
    """Seconds for which a settled operation is kept."""
    keep_events: Annotated[int, Meta(ge=1000)] = 100_000
    """Events kept for readers that catch up; the oldest go first."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important message that is logged."""


class StoreSettings(Struct, frozen=True):
    """`[store]`: where the server keeps what it knows."""

    url: str
    """`sqlite:///FILE` or `postgresql://…`. Default: `busyout.db` in the data directory."""
    sealing_key_file: Path | None = None
    """File with the keys that seal secrets, in base64, the one in use first; made where there is none and nothing is
    sealed yet. Several servers on one database need the same. None for `sealing-key` in the data directory."""


class TokenSettings(Struct, frozen=True, kw_only=True):
    """`[[faces.NAME.tokens]]`: a token that we have issued."""

    name: str
    """Whom it stands for, in the audit trail."""
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    """As `busyout password token` prints it beside the token, which is not kept."""
    level: LevelWord
    tenant: str | None = None
    """The only tenant whose devices and provisioning key it may see; None for every tenant."""


class FaceSettings(Struct, frozen=True, kw_only=True):
    """`[faces.NAME]`: one management API."""

    enabled: bool = True
    """Whether it is served at all."""
    authentication: Authentication = "basic"
    """`none` lets everybody in who can reach the listener."""
    element: str | None = None
    """Element it serves on the shared listener; None for a face that serves all of them."""
    tokens: tuple[TokenSettings, ...] = ()
    """Tokens that we have issued, where authentication is by token."""
    token_service: str | None = None
    """URL of a service in the manner of wazo-auth that judges all other tokens; None for nobody."""
    master_tenant: str | None = None
    """Tenant whose tokens, issued by that service, may see the devices of every tenant; None for none."""


class ListenerSettings(Struct, frozen=True, kw_only=True):
    """`[[listeners]]`: a port of its own for a face, or for one element's face."""

    face: str
    """Name of the face."""
    address: str
    """`address:port`."""
    element: str | None = None
    """Element it serves; None for the one (or all) that the face serves on the shared listener."""
    tls: Tls | None = None
    """None for plain HTTP, which is refused off loopback unless `plain` asks for it."""
    plain: bool = False
    """Whether plain HTTP is wanted although `address` is not on loopback."""


class OperatorSettings(Struct, frozen=True, kw_only=True):
    """`[[operators]]`: somebody who may use the server."""

    name: str
    """As in HTTP Basic; without a colon."""
    password_hash: str
    """argon2id in PHC string format, as `busyout password hash` prints it."""
    level: LevelWord
    """Each level includes the ones before it."""
    privileges: tuple[str, ...] = ()
    """Further rights by name, for faces that have them."""


class ElementSettings(Struct, frozen=True, kw_only=True):
    """`[[elements]]`: something that is managed. Read at the first start; later changes go through the API."""

    name: Name
    """Letters, digits, dots, dashes and underscores; unique."""
    kind: Kind
    driver: str
    """Name of the driver, such as `proxy`."""
    options: dict[str, str] = {}
    """The driver's own settings."""
    retry_after: RetryAfter | None = None
    """Seconds told to callers that are refused; None for what `[server]` says."""
    configuration: Rows = {}
    """Its tables, such as `[[elements.configuration.trunk]]`."""


class ProvisioningSettings(Struct, frozen=True, kw_only=True):
    """`[provisioning]`: plug-ins for devices, and how they come."""

    plugin_server: str | None = None
    """URL of the repository (`http`, `https`, `ftp`, or `file:///…` for a folder), until somebody sets the parameter of
    that name. None for none. A folder can be the repository only by this key."""
    public_key: str | None = None
    """Ed25519, 32 bytes in base64, as `busyout plugins keygen` prints it: with it, the index and every package have
    to be signed. None where no signatures are asked for."""
    authorities: Path | None = None
    """File with certificates, PEM: authorities that are believed beside those of the system where something is fetched
    by `https`, as the repository of a company has it. It is read once after each start. None for none."""
    allow: tuple[str, ...] = ()
    """Hosts, `host:port`, addresses or networks that files may be fetched from although they are at inner addresses."""
    monitors_kept: Annotated[int, Meta(ge=1, le=100_000)] = 1000
    """Most finished operations in progress that clients can still ask for; the oldest go first."""
    monitors_grace: Seconds = 3600.0
    """Seconds for which a finished operation in progress can still be asked for."""


class Settings(Struct, frozen=True, kw_only=True):
    """Everything."""

    server: ServerSettings
    store: StoreSettings
    faces: dict[str, FaceSettings]
    """By name; every face there is, also those that the file does not mention."""
    listeners: tuple[ListenerSettings, ...] = ()
    operators: tuple[OperatorSettings, ...] = ()
    elements: tuple[ElementSettings, ...] = ()
    """Those of the default estate where the file has no `[[elements]]`; `elements = []` for none."""
    provisioning: ProvisioningSettings = ProvisioningSettings()
    context: ContextSettings = ContextSettings()
