"""`[context]`: what it defaults to, what is refused and how it is said."""

import re
from pathlib import Path
from typing import get_args

import pytest

from busyout.domain.context import names
from busyout.domain.context.attribute import Attribute, AttributeType
from busyout.domain.context.course import FACTS, MAPPED
from busyout.domain.context.schema import Subject
from busyout.domain.drain import UntilIdle, Within
from busyout.domain.mode import Mode
from busyout.faces.ucs.translate import starts
from busyout.server.context import context_rules_of
from busyout.services.context.rules import ContextRules
from busyout.settings import InvalidSettings, context_rules, load
from busyout.settings.context import AttributeWord

LISTS = '[[context.business_attributes]]\nname = "Types"\ndbid = 1\n'


def rules(tmp_path: Path, text: str) -> ContextRules:
    file = tmp_path / "busyout.toml"
    file.write_text(text, "utf-8")
    return context_rules_of(load(file, environ={}).context)


def test_nothing_said_is_a_profile_schema_and_a_minute_for_each_switch(tmp_path: Path) -> None:
    found = rules(tmp_path, "")
    assert [attribute.name for attribute in found.core][:2] == ["FirstName", "LastName"]
    assert (found.to_production, found.to_maintenance, found.start_mode) == (Within(60.0), Within(60.0), None)
    assert (found.use_role, found.schema_create_in_production, found.status_during_switch) == (True, False, False)
    assert (found.prefixes, found.import_directory, found.export_directory) == (("",), None, None)


def test_what_is_said_holds(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        '[context]\nattributes = { DOB = "date" }\ndrain_timeout = 0\nstart_mode = "maintenance"\n'
        'prefixes = ["", "/genesys/1/cs"]\nimport_directory = "."\n'
        + LISTS
        + 'cv_attributes = ["Service.type"]\nvalues = [{ name = "Sales", dbid = 7 }]',
    )
    assert found.core == (Attribute("DOB", AttributeType.DATE),)
    assert (found.to_maintenance, found.start_mode) == (UntilIdle(), Mode.MAINTENANCE)
    assert found.import_directory == tmp_path
    (attribute,) = found.business_attributes
    assert [(value.name, value.dbid) for value in attribute.values] == [("Sales", 7)]


def test_the_settings_that_the_documentation_shows_are_good(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "context-schemas.md").read_text("utf-8")
    (example,) = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert rules(tmp_path, example).core[1] == Attribute("DOB", AttributeType.DATE)
    for name in ("import_directory", "export_directory"):
        (tmp_path / name).mkdir()
        example = re.sub(f'^# {name} = "[^"]*"', f'{name} = "{tmp_path / name}"', example, flags=re.MULTILINE)
    found = rules(tmp_path, example)
    assert (found.import_directory, found.export_directory) == (
        tmp_path / "import_directory",
        tmp_path / "export_directory",
    )


def test_no_attributes_are_no_profile_schema(tmp_path: Path) -> None:
    found = rules(tmp_path, "[context]\nattributes = {}")
    assert (found.core, found.has_profile_schema) == ((), False)
    assert rules(tmp_path, "").has_profile_schema


@pytest.mark.parametrize(
    ("text", "line", "key", "message"),
    [
        ("context.attributes = { " + "x" * 27 + ' = "string" }', 1, "attributes", "a letter and up to 25"),
        ('[context.attributes]\nA = "string"\nCustomer_ID = "string"', 3, "attributes.Customer_ID", "is reserved"),
        ('[context.attributes]\nDob = "date"\nDOB = "date"', 3, "attributes.DOB", "upper and lower case are the same"),
        ('[context.attributes]\nA = "text"', 2, "attributes.A", "is not one of boolean, string"),
        ("[context]\nmode_switch_timeout = 0", 2, "mode_switch_timeout", "more than 0"),
        ("[context]\ndrain_timeout = -1", 2, "drain_timeout", "at least 0"),
        ('[context]\nstart_mode = "production"\nattributes = {}', 2, "start_mode", "the mode is maintenance"),
        ('[context]\nimport_directory = "missing"', 2, "import_directory", "there is no directory"),
        ('[context]\nexport_directory = "missing"', 2, "export_directory", "there is no directory"),
        ('[context]\nprefixes = ["cs"]', 2, "prefixes[0]", "does not begin with /"),
        ('[context]\nprefixes = ["/a", "/a"]', 2, "prefixes[1]", "is there twice"),
        ('[context]\nprefixes = ["/v1"]', 2, "prefixes[0]", "belong to another face"),
        ("[context]\nprefixes = []", 2, "prefixes", "from 1 to 4"),
        (LISTS + 'cv_attributes = ["Service.colour"]', 4, "cv_attributes", "is not such as Service.type"),
        (LISTS + 'values = [{ name = "7", dbid = 7 }]', 4, "values[0].name", "is no number"),
        (LISTS + 'values = [{ name = "a", dbid = 1 }, { name = "A", dbid = 2 }]', 4, "values[1].name", "twice"),
        (LISTS + LISTS.replace("1", "2").replace("Types", "TYPES"), 5, "business_attributes[1].name", "twice"),
        (
            LISTS
            + 'cv_attributes = ["Task.type"]\n'
            + LISTS.replace("1", "2").replace("Types", "More")
            + 'cv_attributes = ["Task.type"]',
            8,
            "business_attributes[1].cv_attributes",
            "restricted by 'Types' already",
        ),
    ],
)
def test_what_cannot_be_is_found_with_its_key_and_line(
    tmp_path: Path, text: str, line: int, key: str, message: str
) -> None:
    with pytest.raises(InvalidSettings) as refused:
        rules(tmp_path, text)
    (finding,) = refused.value.findings
    assert (finding.line, message in finding.message) == (line, True), finding
    assert finding.key.startswith("context.")
    assert key in finding.key


def test_the_settings_know_the_same_names_types_and_uses_as_the_schemas() -> None:
    assert (context_rules.NAME, context_rules.RESERVED) == (names.NAME, names.RESERVED)
    assert get_args(AttributeWord) == tuple(type.value for type in AttributeType)
    members = {"type", *FACTS}
    known = {f"{subject.value.capitalize()}.{member}" for subject in Subject for member in members}
    wanted = {f"{subject.word}.{member}" for subject in starts.OWN for member in {"type", *MAPPED}}
    assert {use for use in known if context_rules.USES.fullmatch(use)} == wanted
