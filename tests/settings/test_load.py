"""Reading the settings: what they default to, what is refused and how it is said."""

from pathlib import Path

import pytest
from tests.drivers.repository.certificate import make_certificate

from busyout.settings import InvalidSettings, Settings, admin_password, load

HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA"


def read(tmp_path: Path, text: str, **environ: str) -> Settings:
    file = tmp_path / "busyout.toml"
    file.write_text(text, "utf-8")
    return load(file, environ=environ)


def findings(tmp_path: Path, text: str, **environ: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(InvalidSettings) as refused:
        read(tmp_path, text, **environ)
    return [(finding.line, finding.key, finding.message) for finding in refused.value.findings]


def test_nothing_said_is_the_default_estate_on_loopback(tmp_path: Path) -> None:
    settings = load(None, environ={"XDG_STATE_HOME": str(tmp_path)})
    assert settings.server.listen == "127.0.0.1:8080"
    assert settings.server.data == tmp_path / "busyout"
    assert settings.store.url == f"sqlite:///{tmp_path}/busyout/busyout.db"
    assert [(element.name, element.kind, element.driver) for element in settings.elements] == [
        ("sbc", "sbc", "proxy"),
        ("provisioning", "provisioning", "inside"),
        ("context", "context", "inside"),
    ]
    assert settings.elements[0].configuration["interface"][0]["port"] == 5060
    assert settings.elements[0].configuration["trunk"][0]["port"] == 5080


def test_elements_of_the_file_take_the_place_of_the_default_estate(tmp_path: Path) -> None:
    assert read(tmp_path, "elements = []").elements == ()
    text = '[[elements]]\nname = "edge"\nkind = "sbc"\ndriver = "simulated"\noptions = { calls = "5" }'
    assert [element.name for element in read(tmp_path, text).elements] == ["edge"]


def test_a_face_has_the_element_of_the_default_estate_only_where_there_is_one_of_that_name(tmp_path: Path) -> None:
    row = '[[elements]]\nname = "%s"\nkind = "sbc"\ndriver = "simulated"'
    elements = [read(tmp_path, text).faces["mediant"].element for text in ("", row % "sbc", row % "edge")]
    assert elements == ["sbc", "sbc", None]


def test_files_and_directories_are_relative_to_the_settings_file(tmp_path: Path) -> None:
    settings = read(tmp_path, '[server]\ndata = "var"')
    assert settings.server.data == tmp_path / "var"
    assert settings.store.url == f"sqlite:///{tmp_path}/var/busyout.db"
    assert settings.store.sealing_key_file is None
    settings = read(tmp_path, '[store]\nsealing_key_file = "keys/busyout"')
    assert settings.store.sealing_key_file == tmp_path / "keys" / "busyout"


def test_the_environment_stands_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    file = tmp_path / "busyout.toml"
    file.write_text('[server]\nlisten = "127.0.0.1:1"\nretry_after = 5', "utf-8")
    environ = {"BUSYOUT_SERVER__LISTEN": "127.0.0.1:2", "BUSYOUT_SERVER__STOP_ENGINES": "true"}
    settings = load(file, environ=environ)
    assert (settings.server.listen, settings.server.retry_after, settings.server.stop_engines) == (
        "127.0.0.1:2",
        5,
        True,
    )
    settings = load(file, environ=environ, given={"server.listen": "127.0.0.1:3", "server.data": None})
    assert settings.server.listen == "127.0.0.1:3"


def test_variables_of_the_client_are_no_settings(tmp_path: Path) -> None:
    assert read(tmp_path, "", BUSYOUT_SERVER="http://elsewhere:1", BUSYOUT_USER="eve", BUSYOUT_PASSWORD="x")


def test_the_first_password_is_read_from_the_environment_only(tmp_path: Path) -> None:
    assert admin_password({"BUSYOUT_ADMIN_PASSWORD": "secret"}) == "secret"
    assert admin_password({"BUSYOUT_ADMIN_PASSWORD": ""}) is None
    assert findings(tmp_path, 'admin_password = "secret"')[0][:2] == (1, "admin_password")


REFUSED = {
    "an unknown key, with the one that is meant": (
        '[server]\n\nlisen = "127.0.0.1:8080"',
        (3, "server.lisen", "there is no such key; did you mean listen?"),
    ),
    "an unknown section": ("[servers]\na = 1", (1, "servers", "there is no such key; did you mean server?")),
    "text for a number": ('server.retry_after = "soon"', (1, "server.retry_after", "'soon' is not a whole number")),
    "a truth for a number": ("server.retry_after = true", (1, "server.retry_after", "True is not a whole number")),
    "a number out of bounds": (
        "[server]\ndrain_warning = -1",
        (2, "server.drain_warning", "-1 is out of bounds: a number of more than 0.0 is wanted"),
    ),
    "a word that is none of the choices": (
        '[server]\nlog_level = "warn"',
        (2, "server.log_level", "'warn' is not one of debug, info, warning, error; did you mean warning?"),
    ),
    "a section that is no table": ("server = 3", (1, "server", "a table is wanted here")),
    "a list that is none": (
        'listeners = "x"',
        (1, "listeners", "a list is wanted here, written [[listeners]] or [ … ]"),
    ),
    "an element without a driver": (
        '\n[[elements]]\nname = "a"\nkind = "sbc"',
        (2, "elements[0]", "driver is missing"),
    ),
    "an element with an impossible name": (
        '[[elements]]\nname = "../x"\nkind = "sbc"\ndriver = "proxy"',
        (2, "elements[0].name", "'../x' is not a name: letters, digits, dots, dashes and underscores, at most 64"),
    ),
    "a row that is no table": (
        '[[elements]]\nname = "a"\nkind = "sbc"\ndriver = "proxy"\n[elements.configuration]\ntrunk = [\n{},\n3]',
        (8, "elements[0].configuration.trunk[1]", "a table is wanted here"),
    ),
    "two elements of one name": (
        '[[elements]]\nname = "a"\nkind = "sbc"\ndriver = "proxy"\n' * 2,
        (6, "elements[1].name", "'a' is there twice"),
    ),
    "two elements at one SIP address": (
        "".join(
            f'[[elements]]\nname = "{name}"\nkind = "sbc"\ndriver = "proxy"\n[[elements.configuration.interface]]\n'
            f'address = "127.0.0.1"\nport = 5060\n'
            for name in "ab"
        ),
        (14, "elements[1].configuration.interface[0].port", "127.0.0.1:5060 is taken by element 'a'"),
    ),
    "a driver that there is not": (
        '[[elements]]\nname = "a"\nkind = "sbc"\ndriver = "prxy"',
        (4, "elements[0].driver", "there is no driver 'prxy'; known are inside, proxy, simulated"),
    ),
    "an address without a port": (
        'server.listen = "localhost"',
        (1, "server.listen", "'localhost' is not written address:port"),
    ),
    "a port that is none": (
        'server.listen = "127.0.0.1:99999"',
        (1, "server.listen", "port '99999' is not between 1 and 65535"),
    ),
    "two listeners at one address": (
        '[[listeners]]\nface = "native"\naddress = "127.0.0.1:8080"',
        (3, "listeners[0].address", "127.0.0.1:8080 is there twice"),
    ),
    "a face that there is not": (
        '[[listeners]]\naddress = "127.0.0.1:1"\nface = "nativ"',
        (3, "listeners[0].face", "there is no face 'nativ'; known are mediant, native, provd, ucs"),
    ),
    "plain HTTP off loopback that nobody asked for": (
        '[server]\nlisten = "0.0.0.0:8080"',
        (
            2,
            "server.listen",
            "0.0.0.0:8080 is not on loopback, so passwords would cross the network in the clear: "
            "give it tls, or ask for that by plain = true",
        ),
    ),
    "a face open to the network": (
        '[faces.native]\nauthentication = "none"\n[server]\nlisten = "[::]:8080"\nplain = true',
        (2, "faces.native.authentication", "none is allowed on loopback only, and [::]:8080 is not on loopback"),
    ),
    "a face open on a listener of its own": (
        '[faces.native]\nauthentication = "none"\n[[listeners]]\nface = "native"\naddress = "10.0.0.1:1"\nplain = true',
        (2, "faces.native.authentication", "none is allowed on loopback only, and 10.0.0.1:1 is not on loopback"),
    ),
    "tokens for a face that has none": (
        '[faces.native]\nauthentication = "token"',
        (2, "faces.native.authentication", "tokens are asked for by the face provd only"),
    ),
    "a token of the tenant above all others": (
        '[faces.provd]\nauthentication = "token"\n[[faces.provd.tokens]]\nname = "a"\nsha256 = "'
        + "0" * 64
        + '"\nlevel = "monitor"\ntenant = "main"',
        (
            7,
            "faces.provd.tokens[0].tenant",
            "main is above every tenant: leave the key out for a token that may see all of them",
        ),
    ),
    "tokens that nobody asks for": (
        '[faces.provd]\ntoken_service = "http://127.0.0.1:9497"',
        (1, "faces.provd", 'tokens are asked for only with authentication = "token"'),
    ),
    "a token service that cannot be asked": (
        '[faces.provd]\nauthentication = "token"\ntoken_service = "ftp://x"',
        (3, "faces.provd.token_service", "it begins with http:// or https://"),
    ),
    "a token in the clear": (
        '[faces.provd]\nauthentication = "token"\n[[faces.provd.tokens]]\nname = "a"\nsha256 = "x"\nlevel = "monitor"',
        (5, "faces.provd.tokens[0].sha256", "'x' is not a SHA-256: 64 hexadecimal digits in lower case"),
    ),
    "a certificate that is not there": (
        'server.tls = { certificate = "/no/such.pem", key = "/no/such.key" }',
        (1, "server.tls.certificate", "there is no file /no/such.pem"),
    ),
    "a password in the clear": (
        '[[operators]]\nname = "eve"\npassword_hash = "secret"\nlevel = "monitor"',
        (3, "operators[0].password_hash", "this is not an argon2id hash; `busyout password hash` makes one"),
    ),
    "an operator with a colon": (
        f'[[operators]]\nname = "e:ve"\npassword_hash = "{HASH}"\nlevel = "monitor"',
        (2, "operators[0].name", "a name has no colon, is printable and not empty"),
    ),
    "a level that there is not": (
        f'[[operators]]\nname = "eve"\npassword_hash = "{HASH}"\nlevel = "admin"',
        (4, "operators[0].level", "'admin' is not one of monitor, administrator, security-administrator"),
    ),
    "a store that there is not": (
        'store.url = "mysql://x"',
        (1, "store.url", "it begins with sqlite:/// or postgresql://"),
    ),
    "no TOML": ("[server]\nlisten = \n", (2, "", "Invalid value")),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_with_key_and_line(tmp_path: Path, text: str, expected: tuple[int | None, str, str]) -> None:
    assert findings(tmp_path, text)[0] == expected


def test_every_mistake_is_said_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = '[server]\nretry_after = 0\nlog_level = 1\n[[operators]]\n[faces.native]\nenabled = "yes"'
    assert [line for line, _, _ in findings(tmp_path, text)] == [2, 3, 4, 4, 4, 6]


def test_a_finding_reads_like_a_compiler_message(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings) as refused:
        read(tmp_path, "\n\nnope = 1")
    assert str(refused.value).startswith(f"{tmp_path}/busyout.toml:3: nope: there is no such key")


def test_a_wrong_variable_is_named_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings) as refused:
        read(tmp_path, "", BUSYOUT_SERVER__LISTEN="0.0.0.0:1")
    assert str(refused.value).startswith("BUSYOUT_SERVER__LISTEN: server.listen: 0.0.0.0:1 is not on loopback")
    assert "did you mean retry_after?" in findings(tmp_path, "", BUSYOUT_SERVER__RETRY="1")[0][2]
    assert "in the file only" in findings(tmp_path, "", BUSYOUT_SERVER__TLS="x")[0][2]
    assert "certificate is missing" in findings(tmp_path, "", BUSYOUT_SERVER__TLS__KEY="x")[0][2]


def test_plain_http_off_loopback_is_served_when_it_is_asked_for_by_name(tmp_path: Path) -> None:
    assert read(tmp_path, '[server]\nlisten = "0.0.0.0:8080"\nplain = true').server.plain


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = " + b"[" * 100_000])
def test_a_file_that_is_no_toml_text_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "busyout.toml"
    file.write_bytes(content)
    with pytest.raises(InvalidSettings):
        load(file, environ={})


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match=r"missing\.toml: No such file"):
        load(tmp_path / "missing.toml", environ={})


def test_authorities_are_certificates_in_a_file_that_can_be_read(tmp_path: Path) -> None:
    text = '[provisioning]\n\nauthorities = "company.pem"'
    file, key = tmp_path / "company.pem", "provisioning.authorities"
    assert findings(tmp_path, text) == [(3, key, f"there is no file {file}")]
    for content in ("", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        file.write_text(content)
        assert findings(tmp_path, text) == [(3, key, f"{file} has no certificates in PEM")], content
    file.unlink()
    file.mkdir()
    assert findings(tmp_path, text) == [(3, key, f"{file} cannot be read: Is a directory")]
    file.rmdir()
    make_certificate(tmp_path).rename(file)
    assert read(tmp_path, text).provisioning.authorities == file
