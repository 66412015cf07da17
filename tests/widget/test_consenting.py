"""Where the owner wants consent, nothing is stored before it, and what was agreed to is kept."""

from typing import Any

import pytest
from sqlalchemy import select

from app.channels.models import Channel
from app.channels.website import WebsiteSettings
from app.contacts.models import Activity
from app.contacts.models import Visitor as VisitorRow
from app.extensions import db
from tests.conftest import Inside
from tests.widget.conftest import Visitor


def want(inside: Inside, version: int) -> None:
    with inside():
        settings = WebsiteSettings(consent_required=True, consent_version=version)
        settings.keep_in(Channel.of_kind("website"))


@pytest.mark.parametrize("given", [{}, {"consent": 1}, {"consent": True}, {"consent": "2"}])
def test_without_it_nothing_is_stored(
    visitor: Visitor, inside: Inside, given: dict[str, Any]
) -> None:
    want(inside, 2)
    for answer in (visitor.say("Hello", **given), visitor.post("/hand-off", **given)):
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "consent_needed")
    with inside():
        assert db.session.scalar(select(VisitorRow)) is None


def test_it_is_kept_with_its_words_and_asked_again_when_they_change(
    visitor: Visitor, inside: Inside
) -> None:
    want(inside, 1)
    agreed = visitor.say("Hello", "k1", consent=1, language="de-AT", page="https://a.example/x")
    assert agreed.status_code == 201
    assert visitor.say("More", "k2").status_code == 201
    with inside():
        row = db.session.scalars(select(VisitorRow)).one()
        assert row.chat_consent
        assert row.chat_consent | {"at": ""} == {
            "version": 1,
            "language": "de",
            "text": WebsiteSettings().said("consent", "de", Channel.of_kind("website")),
            "page": "https://a.example/x",
            "at": "",
        }
        assert db.session.scalars(select(Activity).where(Activity.kind == "chat.consent")).one()
    want(inside, 2)
    assert visitor.say("Even more", "k3").status_code == 422
