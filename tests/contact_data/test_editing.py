"""One thing done to many contacts, and taken back."""

from dataclasses import replace

import pytest

from app.contact_data import choosing, editing
from app.contact_data.models import ContactEdit
from app.contacts import fields, records, services, tags
from app.contacts.models import Contact
from app.core import jobs
from app.core.errors import Conflict, Invalid
from app.extensions import db


@pytest.fixture
def people(inside, member):
    """Five with names, by it."""
    with inside():
        fields.create("Size", "number")
        return {name: services.new_contact(None, name, by=member()).id for name in "ABCDE"}


def chosen(*ids):
    return choosing.typed([str(each) for each in ids], {}, is_all=False)


def looks(inside, ids):
    with inside():
        return [
            (c.custom.get("size"), c.company and c.company.name, bool(c.archived_at), [t.name for t in tags.of(c.id)])
            for c in (Contact.by_id(each) for each in ids)
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "becomes"),
    [
        ("add_tag", ({"tag": "VIP"}, (None, None, False, ["VIP"]))),
        ("set_field", ({"field": "size", "value": "12"}, (12, None, False, []))),
        ("set_company", ({"company": "Rosa"}, (None, "Rosa", False, []))),
        ("archive", ({}, (None, None, True, []))),
    ],
)
def test_done_and_taken_back(people, inside, member, what, becomes):
    typed, after = becomes
    ids = list(people.values())[:3]
    with inside():
        edit = editing.start(member(), what, typed, chosen(*ids))
        assert editing.counts(edit) == {"changed": 3}
        edit_id = edit.id
    assert looks(inside, ids) == [after] * 3
    with inside():
        editing.undo(ContactEdit.by_id(edit_id))
    assert looks(inside, ids) == [(None, None, False, [])] * 3
    with inside():
        editing.undo(ContactEdit.by_id(edit_id))  # again: nothing happens
        assert editing.counts(ContactEdit.by_id(edit_id)) == {"undone": 3}


def test_what_was_changed_since_is_left_and_said(people, inside, member):
    ids = list(people.values())
    with inside():
        edit_id = editing.start(
            member(), "set_field", {"field": "size", "value": "1"}, chosen(*ids)
        ).id
    with inside():
        editing.start(member(), "set_field", {"field": "size", "value": "2"}, chosen(ids[0]))
    with inside():
        edit = ContactEdit.by_id(edit_id)
        editing.undo(edit)
        assert editing.counts(edit) == {"undone": 4, "left": 1}
        assert [contact.id for contact, _ in editing.refused(edit)] == [ids[0]]


def test_of_too_many_ticked_ones_none_is_left_out_unsaid(monkeypatch, app):
    monkeypatch.setattr(choosing, "MOST_IDS", 2)
    with app.app_context(), pytest.raises(Invalid, match="At most 2"):
        chosen(1, 2, 3)


def test_refusals_are_named(people, inside, member, monkeypatch):
    monkeypatch.setattr(tags, "MOST_OF_ONE", 1)
    with inside():
        tags.put(Contact.by_id(people["A"]), "Old", member())
        edit = editing.start(member(), "add_tag", {"tag": "VIP"}, chosen(*people.values()))
        assert editing.counts(edit) == {"changed": 4, "refused": 1}
        assert [why for _, why in editing.refused(edit)] == ["1 tags fit on a contact."]


def test_a_tag_that_was_renamed_since_comes_back_as_itself(people, inside, member, monkeypatch):
    monkeypatch.setattr(tags, "MOST_OF_ONE", 1)
    with inside():
        anna = Contact.by_id(people["A"])
        vip = tags.put(anna, "VIP", member())
        tags.put(anna, "VIP", member())  # again, though no other would fit
        edit = editing.start(member(), "remove_tag", {"tag": "VIP"}, chosen(anna.id))
        tags.change(vip, "Regular", "neutral")
        editing.undo(edit)
        assert [each.name for each in tags.of(anna.id)] == ["Regular"]
        assert editing.counts(edit) == {"undone": 1}


def test_a_job_that_is_given_up_says_so_and_what_it_did_can_be_taken_back(
    people, inside, member, monkeypatch, run_jobs
):
    monkeypatch.setattr(editing, "AT_ONCE", 2)
    once = replace(jobs.registry["contact_data.edit"], attempts=1)
    monkeypatch.setitem(jobs.registry, "contact_data.edit", once)
    do = editing._do

    def broken(edit, by):
        do(edit, by)
        editing.commit_step()
        raise RuntimeError("odd")

    monkeypatch.setattr(editing, "CHUNK", 2)
    monkeypatch.setattr(editing, "_do", broken)
    with inside():
        edit_id = editing.start(member(), "archive", {}, chosen(*people.values())).id
    run_jobs()
    with inside():
        edit = ContactEdit.by_id(edit_id)
        assert (edit.status, editing.counts(edit)) == ("done", {"changed": 2, "refused": 3})
        editing.undo(edit)
    run_jobs()
    assert not any(each[2] for each in looks(inside, people.values()))


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("nothing", ({}, "what")), ("add_tag", ({"tag": " "}, "tag")), ("remove_tag", ({"tag": "None such"}, "tag")),
        ("set_field", ({"field": "nope"}, "field")), ("set_field", ({"field": "size", "value": "big"}, "value")),
    ],
)  # fmt: skip
def test_what_can_not_be_done(people, inside, member, what, why):
    typed, code = why
    with inside(), pytest.raises(Invalid) as refusal:
        editing.start(member(), what, typed, chosen(*people.values()))
    assert refusal.value.code == code


def test_many_go_by_a_job_that_goes_on_after_a_kill(people, inside, member, monkeypatch, run_jobs):
    monkeypatch.setattr(editing, "AT_ONCE", 2)
    monkeypatch.setattr(editing, "CHUNK", 2)
    with inside():
        edit = editing.start(
            member(), "add_tag", {"tag": "VIP"}, choosing.typed([], {}, is_all=True)
        )
        assert edit.status == "running"
        edit_id = edit.id
        records.archive(
            Contact.by_id(people["E"]), member()
        )  # who is meant was written down before
    commit, steps = editing.commit_step, []

    def killed():
        commit()
        steps.append(1)
        if len(steps) == 1:
            raise RuntimeError("the worker is gone")

    monkeypatch.setattr(editing, "commit_step", killed)
    run_jobs()
    with inside():
        assert editing.counts(ContactEdit.by_id(edit_id)) == {"changed": 2, "waiting": 3}
        db.session.execute(db.text("UPDATE outbox SET available_at = now() WHERE done_at IS NULL"))
    run_jobs()
    with inside():
        assert editing.counts(ContactEdit.by_id(edit_id)) == {"changed": 5}
        editing.undo(ContactEdit.by_id(edit_id))
    run_jobs()
    assert [each[3] for each in looks(inside, people.values())] == [[]] * 5


def test_too_late_and_somebody_elses(people, inside, member, monkeypatch, cast):
    with inside():
        edit_id = editing.start(member(), "archive", {}, chosen(*people.values())).id
    with inside(), cast.neighbour_scope():
        assert ContactEdit.by_id(edit_id) is None
        with pytest.raises(Invalid):
            editing.start(member(), "archive", {}, chosen(*people.values()))
    monkeypatch.setattr(editing, "UNDO_WITHIN", editing.timedelta())
    with inside(), pytest.raises(Conflict):
        editing.undo(ContactEdit.by_id(edit_id))


def test_from_the_list(people, owner, inside, records, cast):
    assert "Choose at least one" in owner.post("/edits/", what="archive").text
    done = owner.client.post(
        owner.base + "/edits/", headers={"HX-Request": "true"},
        data={"what": "add_tag", "tag": "VIP", "contact_id": [people["A"], people["B"]]},
    )  # fmt: skip
    assert done.status_code == 204
    assert "2 contacts changed" in done.headers["HX-Trigger"]
    assert "/undo" in done.headers["HX-Trigger"]
    assert owner.post("/edits/", what="archive", all="1", q="c").status_code == 303
    assert sorted(owner.names()) == ["A", "B", "D", "E"]
    assert records(cast.viewer).post("/edits/", what="archive", all="1").status_code == 403
    assert "contact_id" not in records(cast.viewer).get().text
