"""`config check`: what is wrong with a settings file, and on which line."""

from pathlib import Path

from tests.cli.server import busyout

ELEMENT = """[[elements]]
name = "sbc"
kind = "sbc"
driver = "proxy"
[elements.configuration]
trunk_set = [{ index = 0, name = "carrier" }]
trunk = [
  { index = 0, trunk_set = "carrier", address = "127.0.0.1" },
  %s
]
"""


def check(tmp_path: Path, text: str) -> tuple[int, str]:
    (tmp_path / "busyout.toml").write_text(text, "utf-8")
    ran = busyout("config", "check", str(tmp_path / "busyout.toml"))
    return ran.code, ran.out.replace(f"{tmp_path}/", "")


def test_a_file_without_mistakes_is_done(tmp_path: Path) -> None:
    assert check(tmp_path, ELEMENT % "") == (0, "busyout.toml: nothing is wrong\n")


def test_a_row_with_an_unknown_column_is_found_on_its_line(tmp_path: Path) -> None:
    code, out = check(tmp_path, ELEMENT % '{ index = 1, trunk_set = "carrier", adress = "127.0.0.1" },')
    assert code == 1
    assert out.splitlines() == [
        "busyout.toml:9: elements[0].configuration.trunk[1].adress: there is no such key; did you mean address?",
        "busyout.toml:9: elements[0].configuration.trunk[1]: address is missing",
    ]


def test_a_row_that_names_what_there_is_not_is_found_on_its_line(tmp_path: Path) -> None:
    code, out = check(tmp_path, ELEMENT % '{ index = 1, trunk_set = "carier", address = "127.0.0.1" },')
    text = "busyout.toml:9: elements[0].configuration.trunk[1]: trunk 1: there is no trunk_set 'carier'\n"
    assert (code, out) == (1, text)


def test_a_provisioning_that_cannot_fetch_is_found_on_its_lines(tmp_path: Path) -> None:
    lines = ["[provisioning]", 'plugin_server = "plugins.example"', 'public_key = "short"']
    code, out = check(tmp_path, "\n".join(lines))
    assert code == 1
    assert [line.split(": ")[:2] for line in out.splitlines()] == [
        ["busyout.toml:2", "provisioning.plugin_server"],
        ["busyout.toml:3", "provisioning.public_key"],
    ]
    code, out = check(tmp_path, '[provisioning]\nauthorities = "company.pem"')
    assert (code, out) == (1, "busyout.toml:2: provisioning.authorities: there is no file company.pem\n")


def test_what_names_an_element_that_is_not_there_is_found_on_its_line(tmp_path: Path) -> None:
    listener = '[[listeners]]\nface = "mediant"\naddress = "127.0.0.1:8443"\nelement = "%s"\n'
    code, out = check(tmp_path, '[faces.mediant]\nelement = "edge"\n' + listener % "other" + ELEMENT % "")
    assert (code, out.splitlines()) == (
        1,
        [
            "busyout.toml:2: faces.mediant.element: there is no element 'edge' in this file",
            "busyout.toml:6: listeners[0].element: there is no element 'other' in this file",
        ],
    )
    assert check(tmp_path, listener % "sbc" + ELEMENT % "")[0] == 0
    assert check(tmp_path, "elements = []")[0] == 0


def test_an_unknown_kind_and_a_hash_that_is_none_are_found(tmp_path: Path) -> None:
    code, out = check(tmp_path, (ELEMENT % "").replace('kind = "sbc"', 'kind = "sbx"'))
    assert code == 1
    assert out.startswith("busyout.toml:3: elements[0].kind: 'sbx' is not one of sbc, ")
    operator = '[[operators]]\nname = "ann"\nlevel = "monitor"\npassword_hash = "$argon2id$…"\n'
    code, out = check(tmp_path, operator)
    assert (code, out.startswith("busyout.toml:4: operators[0].password_hash: this is not an argon2id hash")) == (
        1,
        True,
    )


def test_findings_can_be_read_by_a_program(tmp_path: Path) -> None:
    file = tmp_path / "busyout.toml"
    file.write_text("[server]\nlisen = 1", "utf-8")
    ran = busyout("config", "check", str(file), "--json")
    assert ran.code == 1
    message = "there is no such key; did you mean listen?"
    expected = [{"key": "server.lisen", "line": 2, "source": str(file), "message": message}]
    assert ran.json == {"file": str(file), "findings": expected}


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert check(tmp_path, "")[0] == 0
    assert busyout("config", "check", str(tmp_path / "missing.toml")).code == 1
