"""The parameters of the provisioning: what they accept, and what they mean."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from busyout.domain.errors import InvalidValue

Value = str | int | None
"""What a parameter holds: text, a number, or nothing."""

LONGEST: Final = 2048
"""Longest text of a parameter, in characters."""


URL: Final = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?"
    r"(?://(?:[^/?#]*@)?(?P<host>\[[^\]/?#@]*\]|[^:/?#@\[\]]*)(?::(?P<port>[^/?#@]*))?)?(?P<rest>.*)"
)
"""A URL in its parts (RFC 3986), whatever they are; what has no `//` has no host."""

HOST_AND_PORT: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?")

KEY_LENGTHS: Final = range(8, 257)
"""Characters of a provisioning key."""

KEY: Final = re.compile(r"[a-zA-Z0-9\-$~.]*")

MAX_KEYS: Final = 10_000
"""Most tenants that have a provisioning key."""

KEY_TAKEN: Final = "another tenant already uses this provisioning key."
"""Why a key is refused that is good in itself; the text is one that provd's clients know."""

HIDDEN: Final = "***"
"""What logs, events and the audit trail have in the place of a secret."""

SECRET: Final = re.compile(r"((?://|^(?![^/]*://))[^/?#:@]*):.*@")
"""A user with a password, up to the last `@`: masking too much is better than too little."""


class Parameter(Struct, frozen=True):
    """One parameter."""

    id: str
    descriptions: Mapping[str, str]
    """By language; `en` is always there."""
    read: Callable[[Any], Value]
    """The value that somebody means; raises `InvalidValue` for one that is not acceptable."""
    default: Value = None

    def description(self, locale: str | None) -> str:
        """In the language of a locale, or in English."""
        language = (locale or "en").partition("_")[0]
        return self.descriptions.get(language, self.descriptions["en"])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValue("the value is text or null")
    if len(value) > LONGEST or not value.isprintable() or not value.isascii():
        raise InvalidValue(f"the value is longer than {LONGEST} characters, or not printable ASCII")
    return value


class _Url(Struct, frozen=True):
    """The parts of a URL that matter here; empty where it has none."""

    scheme: str
    host: str
    port: str
    rest: str
    """Path, query and fragment."""


def _url(text: str) -> _Url:
    found = URL.fullmatch(text)
    if found is None:
        raise InvalidValue(f"not a URL: {masked(text)}")
    parts = _Url(*(part or "" for part in found.group("scheme", "host", "port", "rest")))
    if " " in text or (parts.port and not _is_port(parts.port)):
        raise InvalidValue(f"not a URL: {masked(text)}")
    return parts


def _is_port(text: str) -> bool:
    return text.isdigit() and 1 <= int(text) <= 65535


def masked(value: Value) -> Value:
    """The value without a password, for logs, events and the audit trail."""
    return SECRET.sub(rf"\1:{HIDDEN}@", value) if isinstance(value, str) else value


def hidden(value: Value) -> Value:
    """Whether there is a value, and nothing else of it."""
    return None if value is None else HIDDEN


def plugin_server(value: object) -> Value:
    """A URL with scheme and host, a folder's `file:///…` URL, or nothing."""
    if value is None:
        return None
    text = _text(value)
    parts = _url(text)
    if not parts.scheme:
        raise InvalidValue(f"no scheme: {masked(text)}")
    folder = parts.scheme == "file" and len(parts.rest) > 1
    if not parts.host and not folder:
        raise InvalidValue(f"no hostname: {masked(text)}")
    if parts.scheme not in ("http", "https", "ftp", "file"):
        raise InvalidValue(f"scheme is none of http, https, ftp, file: {masked(text)}")
    return text


def reachable_plugin_server(value: object) -> Value:
    """A URL with scheme and host, or nothing: a folder is named by the settings only, and whoever asks is told so as
    provd does."""
    text = plugin_server(value)
    if isinstance(text, str) and not _url(text).host:
        raise InvalidValue(f"no hostname: {masked(text)}")
    return text


def proxy_url(value: object) -> Value:
    """`http://[user:password@]host:port`, without a path, or nothing."""
    if value is None:
        return None
    text = _text(value)
    parts = _url(text)
    if not parts.scheme:
        raise InvalidValue(f"No scheme: {masked(text)}")
    if not parts.host:
        raise InvalidValue(f"No hostname: {masked(text)}")
    if parts.rest:
        raise InvalidValue(f"Path: {masked(text)}")
    if parts.scheme != "http":
        raise InvalidValue(f"scheme is not http: {masked(text)}")
    return text


def proxy_host(value: object) -> Value:
    """`host[:port]`, or nothing."""
    if value is None:
        return None
    text = _text(value)
    if not text:
        raise InvalidValue("zero-length value")
    if "://" in text:
        raise InvalidValue(f"scheme and hostname: {masked(text)}")
    found = HOST_AND_PORT.fullmatch(text)
    if found is None or (found["port"] and not _is_port(found["port"])):
        raise InvalidValue(f"not host:port: {masked(text)}")
    return text


def locale(value: object) -> Value:
    """A language with or without a country, or nothing."""
    if value is None or value == "":
        return None
    text = _text(value)
    if not re.fullmatch(r"[a-z]{2,3}(?:_[A-Z]{2,3})?", text):
        raise InvalidValue(f"Invalid locale {text}")
    return text


def nat(value: object) -> Value:
    """0 or 1, as a number, as text, or as truth; nothing is 0."""
    if value is None or value is False or value in (0, "0"):
        return 0
    if value is True or value in (1, "1"):
        return 1
    raise InvalidValue("the value is 0 or 1")


def provisioning_key(value: object) -> str | None:
    """8 to 256 letters, digits and `-$~.`, or nothing. What is wrong is told without the value: it is a secret."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise InvalidValue("the value is text or null")
    if len(value) not in KEY_LENGTHS:
        raise InvalidValue("`provisioning_key` should be [8, 256] characters long.")
    if not KEY.fullmatch(value):
        raise InvalidValue(
            "`provisioning_key` should only contain the following characters: `a-z, A-Z, 0-9, -, $, ~, .`"
        )
    return value


PARAMETERS: Final = (
    Parameter(
        "plugin_server",
        {"en": "The plugins repository URL", "fr": "L'adresse (URL) du dépôt des plugins"},
        reachable_plugin_server,
    ),
    Parameter(
        "http_proxy",
        {
            "en": 'The proxy for HTTP requests. Format is "http://[user:password@]host:port"',
            "fr": 'Le proxy pour les requêtes HTTP. Le format est "http://[user:password@]host:port"',
        },
        proxy_url,
    ),
    Parameter(
        "ftp_proxy",
        {
            "en": 'The proxy for FTP requests. Format is "http://[user:password@]host:port"',
            "fr": 'Le proxy pour les requêtes FTP. Le format est "http://[user:password@]host:port"',
        },
        proxy_url,
    ),
    Parameter(
        "https_proxy",
        {
            "en": 'The proxy for HTTPS requests. Format is "host:port"',
            "fr": 'Le proxy pour les requêtes HTTPS. Le format est "host:port"',
        },
        proxy_host,
    ),
    Parameter(
        "locale",
        {"en": "The current locale. Example: fr_FR", "fr": "La langue en cours. Exemple : en_CA"},
        locale,
    ),
    Parameter(
        "NAT",
        {
            "en": "Set to 1 if all the devices are behind a NAT.",
            "fr": "Mettre à 1 si tous les terminaux sont derrière un NAT.",
        },
        nat,
        0,
    ),
)
"""Every parameter, in the order in which they are listed."""

PROVISIONING_KEY: Final = Parameter(
    "provisioning_key",
    {
        "en": "The provisioning key of the tenant: 8 to 256 letters, digits and -$~.",
        "fr": "La clé de provisionnement du locataire : de 8 à 256 lettres, chiffres et -$~.",
    },
    provisioning_key,
)
"""The one parameter that each tenant has a value of its own of; it stands after the others, and is a secret."""

BY_ID: Final = {parameter.id: parameter for parameter in PARAMETERS}
