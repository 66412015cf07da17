"""What holds for each tool that a domain adds, whoever wrote it."""

import pytest
from sqlalchemy import text

import app.frontdesk.toolbox  # noqa: F401
from app.assistant import tool_use
from app.core import tools
from app.core.tools import Call, Grant
from app.extensions import db
from tests.frontdesk.scripted.desk import Desk
from tests.standins.claude import schemas

TOOLS = sorted(tools.registry)
EVERYTHING = frozenset(Grant)


@pytest.mark.parametrize("name", TOOLS)
def test_a_model_can_tell_what_it_is_for(name: str) -> None:
    tool = tools.registry[name]
    assert len(tool.description) > 40
    assert tool.title[0].isupper()
    assert "—" not in tool.description
    fields = tool.schema.get("properties", {})
    assert [field for field, each in fields.items() if "description" not in str(each)] == []


@pytest.mark.parametrize("name", TOOLS)
def test_its_schema_is_strict(name: str) -> None:
    schemas.check_strict(tools.registry[name].schema, name)


@pytest.mark.parametrize("name", TOOLS)
def test_it_asks_for_no_business_and_no_visitor(name: str) -> None:
    """Whose data it touches is decided by the conversation, never by an argument."""
    fields = tools.registry[name].schema.get("properties", {})
    assert [field for field in fields if field.endswith("_id") or field in ("business", "id")] == []


@pytest.mark.parametrize("name", TOOLS)
def test_an_argument_too_many_is_refused(desk: Desk, name: str) -> None:
    asked = {**schemas.example(tools.registry[name].schema, "something"), "business_id": 1}
    with desk.cast.scope():
        outcome = tool_use.perform(name, asked, Call(0, 0, 0, is_dry_run=True), EVERYTHING, TOOLS)
    assert outcome.is_error
    assert "business_id" in outcome.result.text


@pytest.mark.parametrize("name", TOOLS)
def test_without_its_grant_it_is_refused(desk: Desk, name: str) -> None:
    """Also where a mistake of ours has offered it."""
    tool = tools.registry[name]
    asked = schemas.example(tool.schema, "something")
    with desk.cast.scope():
        call, granted = Call(0, 0, 0, is_dry_run=True), EVERYTHING - {tool.grant}
        outcome = tool_use.perform(name, asked, call, granted, TOOLS)
    assert outcome.is_error
    assert "no tool" in outcome.result.text


@pytest.mark.parametrize("name", TOOLS)
def test_a_dry_run_writes_nothing(desk: Desk, name: str) -> None:
    """Whether the example is right or refused: no row is added anywhere."""
    desk.says("Are dogs allowed? I am Anna Smith, anna@example.com, 020 7946 0000")
    asked = schemas.example(tools.registry[name].schema, "Anna Smith")
    with desk.cast.scope():
        conversation = desk._conversation()
        question = conversation.messages_after()[0]
        call = Call(conversation.id, question.id, conversation.visitor_id, is_dry_run=True)
        before = _rows()
        tool_use.perform(name, asked, call, EVERYTHING, TOOLS)
        db.session.flush()
        assert _rows() == before


def _rows() -> dict[str, int]:
    """Of every table that the business in scope can see."""
    names = db.session.scalars(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND rowsecurity")
    ).all()
    return {
        name: db.session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
        for name in names
    }
