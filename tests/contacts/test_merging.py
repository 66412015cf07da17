"""Two contacts that are one person: everything moves, and can be parted again."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

import app.models  # noqa: F401  every table
from app.contacts import companies, keeping, merging, moving, records, services, tags
from app.contacts.models import Activity, Contact, ContactMerge, Visitor
from app.conversations import erasing
from app.conversations.models import Conversation
from app.core.db import Base
from app.core.errors import Conflict
from app.core.unit_of_work import unit_of_work
from app.extensions import db

EMAIL, PHONE = "anna@example.com", "+442079460018"
ALIASES = {"contact_merges.kept_id", "contact_merges.gone_id"}  # that two were made one


def test_no_table_is_forgotten():
    """Whatever points to a contact moves with it."""
    columns = {
        f"{table.name}.{name}"
        for table in Base.metadata.tables.values()
        for name in [c.name for c in table.columns if c.name == "contact_id"]
        + [e.parent.name for key in table.foreign_key_constraints for e in key.elements
           if key.referred_table.name == "contacts" and e.parent.name != "business_id"]
    }  # fmt: skip
    assert columns - ALIASES == {f"{name}.contact_id" for name in moving.moving_tables()}


@pytest.fixture
def two(guest, inside, member):
    """Anna, whom a member wrote; and somebody of the chat, who has told a phone number, with all that can
    hang on a contact. Their ids, the first is kept."""
    talk = guest()
    talk.says(name="Ana", phone=PHONE)
    with inside():
        by = member()
        kept = records.create(
            by, records.read(name="Anna", company="Rosa", note="Roses"), services.read(email=EMAIL)
        )
        gone = talk.row().contact
        records.change(gone, by, gone.version, records.read(name="Ana", language="pt", note="Bees"))
        gone.name_said_by = talk.row().id
        keeping.write(gone, "A note", by)
        for contact, name in ((kept, "VIP"), (gone, "vip"), (gone, "New")):
            tags.put(contact, name, by)
        kept.custom, gone.custom = {"a": 1, "b": 2}, {"b": 3, "c": 4}
        return kept.id, gone.id


@pytest.fixture
def merged(two, inside, member):
    with inside():
        return merging.merge(*map(Contact.by_id, two), member()).id


def rows_of(inside, *contact_ids):
    """How many rows of each table each has."""
    with inside():
        return [
            {
                name: db.session.scalar(
                    text(f"SELECT count(*) FROM {name} WHERE contact_id = {each}")
                )
                for name in sorted(moving.moving_tables())
            }
            for each in contact_ids
        ]


def looks(inside, contact_id):
    with inside():
        contact = Contact.by_id(contact_id)
        return {
            "name": contact.name, "company": contact.company and contact.company.name,
            "language": contact.language, "note": contact.note, "custom": contact.custom,
            "identities": [each.value for each in contact.identities],
            "tags": [each.name for each in tags.of(contact_id)], "merged": contact.merged_into_id,
        }  # fmt: skip


def test_everything_moves(two, merged, inside, guest):
    kept, gone = two
    assert looks(inside, kept) == {
        "name": "Anna", "company": "Rosa", "language": "pt", "note": "Roses\nBees",
        "custom": {"a": 1, "b": 2, "c": 4}, "identities": [EMAIL, PHONE], "tags": ["New", "VIP"],
        "merged": None,
    }  # fmt: skip
    assert set(rows_of(inside, gone)[0].values()) == {0}
    with inside():
        assert db.session.scalars(select(Visitor.contact_id)).all() == [kept]
        kinds = set(db.session.scalars(select(Activity.kind)).all())
    assert {"conversation.started", "note.written", "contact.merged"} <= kinds
    again = guest()
    again.says(phone=PHONE)
    assert again.looks()["contact"] == kept


def test_undone_each_has_its_own_again(two, inside, member, guest):
    before = [looks(inside, each) for each in two], rows_of(inside, *two)
    with inside():
        done = merging.merge(*map(Contact.by_id, two), member()).id
    with inside():
        visitor = db.session.scalars(select(Visitor)).one()
        merging.undo(ContactMerge.by_id(done), member())
        assert visitor.contact_id == two[1]
    assert [looks(inside, each) for each in two] == before[0]
    after = rows_of(inside, *two)
    for was, now_there in zip(before[1], after, strict=True):
        was["activities"] = now_there["activities"] = 0  # that it was merged and parted stays
        assert now_there == was
    with inside(), pytest.raises(Conflict, match="undone already"):
        merging.undo(ContactMerge.by_id(done), member())


def test_what_was_changed_since_stays_when_it_is_undone(two, merged, inside, member):
    kept, gone = two
    with inside():
        contact = Contact.by_id(kept)
        typed = records.read(name="Anna Rosa", language="pt", note="Roses\nBees", company="Rosa")
        records.change(contact, member(), contact.version, typed)
    with inside():
        merging.undo(ContactMerge.by_id(merged), member())
    assert looks(inside, kept)["name"] == "Anna Rosa"
    assert looks(inside, kept)["note"] == "Roses"
    assert looks(inside, kept)["custom"] == {"a": 1, "b": 2}
    assert looks(inside, gone)["name"] == "Ana"


def test_what_makes_undoing_impossible_is_said(two, merged, inside, member):
    with inside():
        third = records.create(member(), records.read(name="Third"), services.read())
        later = merging.merge(third, Contact.by_id(two[0]), member()).id
    with inside(), pytest.raises(Conflict, match="Undo that merge first"):
        merging.undo(ContactMerge.by_id(merged), member())
    with inside():
        merging.undo(ContactMerge.by_id(later), member())
    with inside():
        old = ContactMerge.created_at - timedelta(days=31)
        db.session.execute(update(ContactMerge).values(created_at=old))
    with inside(), pytest.raises(Conflict, match="30 days"):
        merging.undo(ContactMerge.by_id(merged), member())


def test_two_merges_at_once_are_one(two, app, cast, member, inside):
    def merge(order):
        try:
            with app.app_context(), cast.scope(), unit_of_work():
                merging.merge(*map(Contact.by_id, order), member())
        except Conflict as refusal:
            return refusal.message
        return "merged"

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(merge, [two, two[::-1]] * 3))
    assert told.count("merged") == 1
    assert all("in this moment" in each for each in told if each != "merged")
    with inside():
        assert len(db.session.scalars(select(ContactMerge)).all()) == 1


def test_who_is_somebody_s_in_this_moment_follows(two, merged, guest, inside):
    """A visitor whose contact was merged while it spoke."""
    visitor = guest()
    with inside():
        row = db.session.get_one(Visitor, (visitor.cast.business_id, visitor.row().id))
        row.contact_id, row.contact_link = two[1], "own"
    visitor.says(name="Ana Maria", email="ana@example.org")
    assert visitor.looks()["contact"] == two[0]


def test_the_page_compares_chooses_and_leads_on(two, owner, records, cast):
    kept, gone = two
    page = owner.get(f"/{kept}/merge/{gone}").text
    assert "Both, one below the other" in page
    assert "1 conversation" in page
    assert "2 tags" in page
    assert owner.get(f"/{kept}/merge/{kept}").status_code == 404
    assert "Ana" in owner.get(f"/{kept}/merge/?q=an").text
    assert records(cast.viewer).post(f"/{kept}/merge/{gone}").status_code == 403
    assert records(cast.agent).get(f"/{kept}/deletion/").status_code == 403
    chosen = {"side-name": "gone", "side-note": "kept", "side-custom.b": "gone", "side-odd": "x"}
    assert owner.post(f"/{kept}/merge/{gone}", **chosen).status_code == 303
    assert owner.get(f"/{gone}").location.endswith(f"/contacts/{kept}")
    assert owner.post(f"/{gone}/archive").status_code == 404
    record = owner.get(f"/{kept}").text
    assert "Merged with" in record
    assert owner.names() == ["Ana"]
    assert owner.post(f"/{kept}/merge/{gone}").status_code == 404  # pressed twice
    merge = re.search(r"/merge/(\d+)/undo", record).group(1)
    assert owner.post(f"/{gone}/merge/{merge}/undo").status_code == 404
    assert owner.post(f"/{kept}/merge/{merge}/undo").status_code == 303
    assert sorted(owner.names()) == ["Ana", "Anna"]


def test_who_may_be_the_same_is_suggested(inside, member, guest):
    talk = guest()
    talk.says(name="Anna", email=EMAIL)
    with inside():
        by = member()
        same = records.create(by, records.read(name="ANNA", company="Rosa"), services.read())
        records.create(by, records.read(name="Anna"), services.read())
        phone = records.create(by, records.read(name="Ben"), services.read(phone=PHONE))
        anna = talk.row().contact
        anna.company_id = companies.find_or_make("rosa").id
        db.session.execute(update(Visitor).values(phone=PHONE))
        assert {each.id for each in merging.suggestions(anna)} == {same.id, phone.id}


@pytest.mark.usefixtures("merged")
def test_a_forgotten_one_leaves_nothing(two, inside, owner):
    kept, gone = two
    assert "1 conversation" in owner.get(f"/{kept}/deletion/").text
    assert owner.post(f"/{kept}/deletion/").status_code == 303
    assert owner.get(f"/{kept}").status_code == 404
    assert owner.get(f"/{gone}").status_code == 404
    with inside():
        for table in (Contact, Visitor, Conversation, Activity, ContactMerge):
            assert db.session.scalars(select(table)).all() == []
    assert rows_of(inside, kept, gone) == [dict.fromkeys(sorted(moving.moving_tables()), 0)] * 2


def test_a_no_outlives_who_said_it(inside, guest):
    from app.channels.models import Consent
    from app.core.db import now

    talk = guest()
    talk.says(email=EMAIL)
    with inside():
        for state, address in (("in", "email:x@example.com"), ("out", f"email:{EMAIL}")):
            db.session.add(Consent(
                channel_kind="email", address=address, visitor_id=talk.row().id, purpose="all",
                state=state, basis="word", evidence={"words": "stop it"}, occurred_at=now(),
            ))  # fmt: skip
        erasing.erase(talk.row().contact)
        left = db.session.scalars(select(Consent)).one()
        assert (left.address, left.visitor_id, left.evidence) == (f"email:{EMAIL}", None, {})


def test_files_that_were_not_sent_go_too(inside, guest, cast):
    from io import BytesIO

    from app.conversations.models import Conversation, Draft, ScheduledMessage
    from app.core import storage
    from app.core.db import now
    from app.core.storage import File

    talk = guest()
    talk.says(email=EMAIL)
    with inside():
        conversation = Conversation.current_of(talk.row())
        later, draft = (
            storage.store(BytesIO(data), "passport.pdf", *storage.digest(BytesIO(data)))
            for data in (b"one", b"two")
        )
        about = {"conversation_id": conversation.id, "user_id": cast.owner.id}
        part = {"type": "media", "kind": "document", "file_id": later.id, "name": "passport.pdf"}
        db.session.add_all([
            ScheduledMessage(**about, client_key="k", body="", due_at=now(), state="dropped",
                             contents=[part | {"mime": "application/pdf"}]),
            Draft(**about, kind="reply", body="", version=1, files=[{"ref": f"file-{draft.id}"}]),
        ])  # fmt: skip
        db.session.flush()
        erasing.erase(talk.row().contact)
        assert db.session.scalars(select(File)).all() == []
