"""A template as WhatsApp shows it."""

from dataclasses import replace

import pytest

from app.channels.message_templates.drafts import Button
from app.channels.message_templates.preview import bubble, pieces
from tests.channels.message_templates.conftest import DRAFT


@pytest.mark.parametrize(
    ("text", "shown"),
    [("*10 %* off", [("10 %", "bold"), (" off", "")]), ("_now_", [("now", "italic")]),
     ("~9~ 8", [("9", "strike"), (" 8", "")]), ("```a *b*```", [("a *b*", "mono")]),
     ("2*3*4", [("2*3*4", "")]), ("* no *", [("* no *", "")]), ("a_b_c", [("a_b_c", "")]),
     ("Hi {{name}}!", [("Hi ", ""), ("{{name}}", "gap"), ("!", "")]), ("", [])],
)  # fmt: skip
def test_whatsapps_marks(text, shown):
    assert [(piece.text, piece.style) for piece in pieces(text)] == shown


def test_values_stand_in_the_gaps_and_missing_ones_are_seen():
    shown = bubble(replace(DRAFT, header_kind="TEXT", header_text="No {{number}}"), {"number": "7"})
    assert [piece.text for piece in shown.header] == ["No 7"]
    assert [piece.text for piece in shown.body if piece.style == "gap"] == ["{{first_name}}"]


def test_buttons_and_media():
    shown = bubble(
        replace(
            DRAFT, language="ar_AE", header_kind="IMAGE",
            buttons=(Button("URL", "See"), Button("COPY_CODE", value="X")),
        ), {},
    )  # fmt: skip
    assert (shown.media, shown.is_right_to_left) == ("Picture", True)
    assert shown.buttons == [("external-link", "See"), ("copy", "Copy offer code")]
