"""Interactions as media servers hand them over."""

from base64 import b64encode
from typing import Any

import pytest

from busyout.domain.context.interaction import MAX_CONTENT, MAX_UDATA, Content, Interaction
from busyout.domain.errors import InvalidValue
from busyout.faces.native.translate.interactions import interaction_of
from busyout.wire.native import NewInteraction

LEAST = {"interaction_id": "a-1_B", "established_date": "2026-01-02T03:04:05.006Z"}


def given(document: dict[str, Any]) -> tuple[Interaction, dict[str, Content]]:
    return interaction_of(NewInteraction(**document))


def test_the_least_that_can_be_said() -> None:
    interaction, contents = given(LEAST)
    assert (interaction.id, interaction.media_type, interaction.forms, contents) == ("a-1_B", "voice", (), {})
    assert interaction.established_at == pytest.approx(1_767_323_045.006)


def test_what_was_said_is_kept_in_each_form() -> None:
    said = {"plain_text": "ü", "structured_text": "<p>", "binary_content": b64encode(b"\0\xff").decode()}
    interaction, contents = given({**LEAST, **said, "udata": {"a": [1, None]}})
    assert interaction.forms == ("binary_content", "plain_text", "structured_text")
    assert interaction.udata == {"a": [1, None]}
    assert contents == {
        "plain_text": Content(b"\xc3\xbc", "text/plain;charset=UTF-8"),
        "structured_text": Content(b"<p>", "text/html;charset=UTF-8"),
        "binary_content": Content(b"\0\xff", "application/octet-stream"),
    }


@pytest.mark.parametrize(
    "more",
    [
        {"interaction_id": None},
        {"interaction_id": ""},
        {"interaction_id": "a/b"},
        {"interaction_id": "x" * 51},
        {"interaction_id": 7},
        {"established_date": None},
        {"established_date": "yesterday"},
        {"external_id": ""},
        {"external_id": "x" * 65},
        {"customer_id": "x" * 17},
        {"service_id": -1},
        {"service_id": True},
        {"service_id": 2**63},
        {"media_type": "a\nb"},
        {"udata": [1]},
        {"udata": {"a": "x" * MAX_UDATA}},
        {"plain_text": 7},
        {"plain_text": "x" * (MAX_CONTENT + 1)},
        {"plain_text": "ü" * (MAX_CONTENT // 2 + 1)},
        {"plain_text": "\ud800"},
        {"binary_content": "no base64"},
        {"binary_content": b64encode(bytes(MAX_CONTENT + 1)).decode()},
    ],
)
def test_what_is_no_interaction_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match=next(iter(more))) as refused:
        given({**LEAST, **more})
    assert len(refused.value.message) < 300
