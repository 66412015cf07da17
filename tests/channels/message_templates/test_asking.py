"""Handing in, changing, unpausing and deleting, with a provider that may fail at any moment."""

from dataclasses import replace
from io import BytesIO

import pytest
from sqlalchemy.exc import NoResultFound

from app.channels.border import SendFailed
from app.channels.message_templates import services
from app.channels.models import MessageTemplate
from app.core.errors import Conflict, Invalid
from tests.channels.message_templates.conftest import DRAFT, WABA

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def test_a_draft_is_handed_in_once(meta, make, do, run_jobs, load):
    template_id = make()
    do(template_id, services.submit)
    do(template_id, services.submit)
    assert load(template_id).asking == "create"
    run_jobs()
    (what, body), *others = meta.asked
    assert (what, others) == ("create", [])
    assert body["parameter_format"] == "NAMED"
    assert body["components"][0]["example"]["body_text_named_params"] == [
        {"param_name": "first_name", "example": "Anna"},
        {"param_name": "number", "example": "4711"},
    ]
    template = load(template_id)
    assert (template.status, template.external_id, template.asking) == ("PENDING", "9001", None)


def test_another_category_is_kept_beside_what_was_asked_for(meta, make, do, run_jobs, load):
    meta.answers_category = "MARKETING"
    template_id = make()
    do(template_id, services.submit)
    run_jobs()
    template = load(template_id)
    assert (template.category, template.asked_category) == ("MARKETING", "UTILITY")


def test_what_whatsapp_would_refuse_isnt_handed_in(meta, make, do, run_jobs):
    template_id = make(replace(DRAFT, examples={}))
    with pytest.raises(Invalid) as refusal:
        do(template_id, services.submit)
    run_jobs()
    assert (refusal.value.code, meta.asked) == ("variables-0-example", [])


def test_a_refusal_leaves_the_draft_with_its_reason(meta, make, do, run_jobs, load):
    meta.fails(
        SendFailed(
            "permanent", "250 templates are too many.", next_step="Delete some.", code="80008"
        )
    )
    template_id = make()
    do(template_id, services.submit)
    run_jobs()
    template = load(template_id)
    assert (template.status, template.asking) == ("DRAFT", None)
    assert template.trouble == "250 templates are too many. Delete some."


def test_a_provider_that_is_down_leaves_the_draft(meta, do, make, run_out, load):
    meta.fails(*[SendFailed("retry", "WhatsApp doesn’t answer.")] * 4)
    template_id = make()
    do(template_id, services.submit)
    run_out()
    template = load(template_id)
    assert (template.status, template.asking) == ("DRAFT", None)
    assert "doesn’t answer" in (template.trouble or "")
    assert [what for what, _ in meta.asked] == ["create"] * 4
    do(template_id, services.submit)
    run_out()
    assert load(template_id).status == "PENDING"


@pytest.mark.parametrize(
    "failure",
    [SendFailed("unknown", "No answer came."), SendFailed("permanent", "Exists.", code="2388024")],
)  # fmt: skip
def test_a_lost_answer_makes_no_second_one(meta, make, hand_in, load, failure):
    meta.fails(failure)
    meta.accepts_before_failing = True
    template_id = make()
    hand_in(template_id)
    assert [what for what, _ in meta.asked] == ["create", "listed"]
    assert (load(template_id).status, load(template_id).external_id) == ("PENDING", "9001")


def test_a_media_header_hands_its_example_over_first(meta, make, do, run_jobs, load):
    template_id = make(replace(DRAFT, header_kind="IMAGE"))
    with pytest.raises(Invalid, match="file"):
        do(template_id, services.submit)
    do(template_id, services.keep_file, stream=BytesIO(PNG), name="shop.png")
    do(template_id, services.submit)
    run_jobs()
    (upload, about), (_, body) = meta.asked
    assert (upload, about) == ("upload", ("shop.png", "image/png", len(PNG)))
    assert body["components"][0] == {
        "type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4:handle"]},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [("shop.gif", PNG, "JPG and PNG"), ("shop.png", b"", "empty"), ("shop.jpg", PNG, "isn’t what"),
     ("shop.png", PNG + b"0" * 5_000_000, "5 MB")],
)  # fmt: skip
def test_files_that_whatsapp_doesnt_take(make, name, do, body, says):
    template_id = make(replace(DRAFT, header_kind="IMAGE"))
    with pytest.raises(Invalid, match=says):
        do(template_id, services.keep_file, stream=BytesIO(body), name=name)


def test_a_change_waits_beside_what_goes_out(meta, make, do, run_jobs, load):
    template_id = make(status="APPROVED")
    better = replace(DRAFT, body=DRAFT.body + " See you.", category="MARKETING")
    do(template_id, services.change, draft=better)
    before = load(template_id)
    assert before.status == "APPROVED"
    assert before.components[0]["text"] == DRAFT.body
    do(template_id, services.submit)
    run_jobs()
    ((what, (external_id, body)),) = meta.asked
    assert (what, external_id) == ("edit", "77")
    assert "category" not in body, "an approved one keeps its category"
    after = load(template_id)
    assert (after.status, after.proposed) == ("PENDING", None)
    assert after.components[0]["text"].endswith("See you.")


@pytest.mark.parametrize("status", ["PENDING", "DISABLED", "ARCHIVED"])
def test_some_states_allow_no_change(make, status, do):
    template_id = make(status=status)
    with pytest.raises(Conflict):
        do(template_id, services.change, draft=DRAFT)


def test_unpausing(meta, make, do, run_jobs, load):
    template_id = make(status="PAUSED", reason="paused")
    do(template_id, services.unpause)
    do(template_id, services.unpause)
    run_jobs()
    assert meta.asked == [("unpause", "77")]
    assert (load(template_id).status, load(template_id).reason) == ("APPROVED", None)
    with pytest.raises(Conflict):
        do(template_id, services.unpause)


def test_deleting_one_language_or_all(meta, make, do, run_jobs, load):
    english = make(status="APPROVED")
    german = make(replace(DRAFT, language="de"))
    french = make(replace(DRAFT, language="fr"), status="APPROVED", external_id="78")
    do(french, services.delete, all_languages=False)
    run_jobs()
    assert meta.asked == [("delete", ("order_ready", "78"))]
    assert [load(each).status for each in (english, german, french)] == [
        "APPROVED", "DRAFT", "DELETED",
    ]  # fmt: skip
    do(english, services.delete, all_languages=True)
    run_jobs()
    assert load(english).status == "DELETED"
    with pytest.raises(NoResultFound):
        load(german)


def test_a_name_and_language_stand_for_one(make, account, inside, cast, load):
    first = make(status="DELETED")
    second = make()
    assert second != first
    with inside(), pytest.raises(Invalid) as refusal:
        services.create(account, DRAFT, cast.owner)
    assert refusal.value.code == "title"


def test_another_language_begins_with_the_same_words(make, inside, cast, load):
    template_id = make(status="APPROVED")
    with inside():
        template = MessageTemplate.by_id(template_id)
        made = services.add_language(template, "de", cast.owner)
        assert (made.name, made.language, made.status) == ("order_ready", "de", "DRAFT")
        assert made.components == template.components
        with pytest.raises(Invalid):
            services.add_language(template, "tlh", cast.owner)


def test_without_its_number_nothing_is_asked(meta, make, do, run_jobs, load):
    template_id = make()
    do(template_id, services.submit)
    do(template_id, lambda _: setattr(services.accounts()[WABA], "state", "off"))
    run_jobs()
    assert meta.asked == []
    assert "no longer connected" in (load(template_id).trouble or "")
