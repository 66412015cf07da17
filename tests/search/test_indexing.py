"""How the index comes to hold what there is, and nothing else."""

import pytest
from sqlalchemy import delete, select, text, update

from app.businesses.models import Business
from app.contacts.models import Company, Contact, ContactTag, Tag
from app.conversations.models import MAX_ID
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.search import blocks, indexing, services, waiting
from app.search.models import (
    CONTACT,
    MESSAGE,
    SearchBlock,
    SearchChange,
    SearchProgress,
    SearchWord,
)
from tests.search.conftest import bodies, contact, index, member, names, talk


def held(kind: int = CONTACT) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    query = select(SearchBlock.word, SearchBlock.ids).where(SearchBlock.kind == kind)
    for word, ids in db.session.execute(query.order_by(SearchBlock.word, SearchBlock.top)):
        found.setdefault(word, []).extend(ids)
    return found


def counted(kind: int = CONTACT) -> dict[str, int]:
    query = select(SearchWord.word, SearchWord.documents).where(SearchWord.kind == kind)
    return dict(db.session.execute(query).all())


def test_what_is_erased_leaves_no_word_behind(context, cast):
    with cast.scope():
        gone = contact(
            "Anna Away", note="likes tulips", email="anna@example.com", phone="+442079460018"
        )
        kept = contact("Anna There")
        index()
        assert held()["anna"] == [gone.id, kept.id]
        db.session.delete(gone)
        db.session.commit()
        index()
        assert held() == {"anna": [kept.id], "there": [kept.id]}
        assert counted() == {"anna": 1, "there": 1}
        assert db.session.scalars(select(SearchChange)).all() == []


@pytest.mark.parametrize("goes", ["contact", "company and tag"])
def test_company_fields_and_tags_leave_no_word_behind(context, cast, goes):
    with cast.scope():
        anna, tag, firm = contact("Anna"), Tag(name="Vip", name_key="vip"), Company(name="Ashcombe")
        db.session.add_all([tag, firm])
        db.session.flush()
        anna.company_id, anna.custom = firm.id, {"plot": "Orchard"}
        db.session.add(ContactTag(contact_id=anna.id, tag_id=tag.id))
        db.session.commit()
        index()
        assert held().keys() == {"anna", "vip", "ashcombe", "orchard"}
        for table in (Contact,) if goes == "contact" else (Company, Tag):
            db.session.execute(delete(table))
        db.session.commit()
        index()
        assert held().keys() == (set() if goes == "contact" else {"anna", "orchard"})


def test_a_message_taken_back_leaves_no_word_behind(context, cast):
    with cast.scope():
        talked = talk("a secret word", "another")
        index()
        talked.messages_after(0)[0].body = ""
        db.session.commit()
        index()
        assert set(held(MESSAGE)) == {"another"}


def test_reading_twice_changes_nothing(context, cast):
    with cast.scope():
        contact("Anna Away")
        index()
        before = held(), counted()
        db.session.execute(update(SearchProgress).values(below=MAX_ID))
        db.session.commit()
        index()
        assert (held(), counted()) == before


def test_blocks_share_the_ids_among_them_in_whatever_order_they_come(context, cast, monkeypatch):
    monkeypatch.setattr(blocks, "SIZE", 3)
    with cast.scope(), unit_of_work():
        for ids in ((10, 20, 30, 40), (5, 35), (50, 60, 70, 80), (36, 37, 38, 39, 1)):
            blocks.add(CONTACT, [("word", each) for each in ids])
        expected = sorted((10, 20, 30, 40, 5, 35, 50, 60, 70, 80, 36, 37, 38, 39, 1))
        assert held()["word"] == expected
        assert counted()["word"] == len(expected)
        sizes = db.session.execute(
            text("SELECT top, cardinality(ids) FROM search_blocks ORDER BY top")
        )
        rows = sizes.all()
        assert max(size for _, size in rows) <= 3
        assert rows[-1][0] == MAX_ID
        newest = blocks.newest(CONTACT, [(["word"], False)], before=60, limit=4)
        assert newest == [50, 40, 39, 38]
        blocks.take(CONTACT, [("word", each) for each in expected[1:]])
        blocks.take(CONTACT, [("word", expected[1])])
        assert (held()["word"], counted()["word"]) == ([1], 1)


def test_what_was_there_before_the_index_is_read_from_the_newest_down(context, cast, monkeypatch):
    """A worker that is killed in between costs one batch."""
    monkeypatch.setattr(indexing, "OLDER", 2)
    with cast.scope():
        for number in range(5):
            contact(f"Anna Number{number}")
        index()
        everything = held()
        for table in (SearchBlock, SearchWord):
            db.session.execute(delete(table))
        db.session.execute(update(SearchProgress).values(below=MAX_ID))
        db.session.commit()
        monkeypatch.setattr(indexing, "SECONDS", -1)
        with unit_of_work():
            assert not indexing.index()  # time is up after a batch
        assert names(cast, "number4") == ["Anna Number4"]
        assert names(cast, "number0") == []
        assert services.find("number0", member(cast)).is_behind
        monkeypatch.setattr(indexing, "SECONDS", 30)
        index()
        assert held() == everything
        assert not services.find("number0", member(cast)).is_behind


def test_a_change_while_the_index_is_read_is_read_again(context, cast, monkeypatch):
    with cast.scope():
        made = contact("Anna")
        index()
        made.name = "Berta"
        db.session.commit()
        original = indexing._words

        def changes_meanwhile(kind, ids):
            found = original(kind, ids)
            if kind == CONTACT:
                monkeypatch.setattr(indexing, "_words", original)
                made.name = "Clara"
                db.session.flush()
            return found

        monkeypatch.setattr(indexing, "_words", changes_meanwhile)
        index()
        assert names(cast, "clara") == ["Clara"]
        assert set(held()) == {"clara"}


def test_the_clock_asks_for_businesses_with_something_to_read(
    app, cast, inside, run_jobs, monkeypatch
):
    ours = f"WHERE business_id IN ({cast.business_id}, {cast.neighbour_business_id})"
    monkeypatch.setattr(waiting, "_WAITING", text(f"{waiting._WAITING} {ours}"))  # not thousands
    with inside():
        index()
    with inside():
        contact("Anna")
    with app.app_context():
        waiting.enqueue_due()
        waiting.enqueue_due()
    run_jobs()
    with inside():
        assert set(held()) == {"anna"}


def test_a_business_that_is_deleted_takes_its_index_along(app, cast):
    with app.app_context(), cast.neighbour_scope():
        contact("Nora", email="nora@example.com")
        index()
        contact("Unread")
        db.session.commit()
    with app.app_context(), unit_of_work() as session:
        session.execute(delete(Business).where(Business.id == cast.neighbour_business_id))
    with app.app_context(), cast.neighbour_scope():
        for table in (SearchBlock, SearchChange, SearchProgress, SearchWord):
            assert db.session.scalars(select(table)).all() == [], table


@pytest.mark.parametrize("kind", [CONTACT, MESSAGE])
def test_postgres_finds_words_by_the_index_under_row_security(context, cast, kind):
    """As the planner sees it in a large business: no other way is open to it than a scan of everything."""
    words = {"words0": ["anna"], "blocks0": 10, "kind": kind, "before": MAX_ID, "limit": 100}
    with cast.scope():
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
        asked = blocks._HOLDERS.format(n=0)
        plan = "\n".join(db.session.scalars(text(f"EXPLAIN {asked}"), words))
        assert plan.count("using pk_search_blocks") == 2
        assert plan.count("(word = w.word)") == 2
        assert "Seq Scan" not in plan
        from app.search import asking

        values = {
            "kind": kind, "numbers": [0], "starts": ["an"], "ends": ["an\U0010ffff"], "most": 40,
        }  # fmt: skip
        plan = "\n".join(db.session.scalars(text(f"EXPLAIN {asking._KNOWN.text}"), values))
        assert "pk_search_words" in plan
        assert "(word >= asked.start) AND (word < asked.finish)" in plan


def test_a_message_costs_one_narrow_row_more(context, cast, count_queries):
    """Written by the trigger: no statement of ours."""
    with cast.scope():
        index()
        talk("Hello")
        db.session.flush()
        rows = db.session.execute(select(SearchChange.kind, SearchChange.before)).all()
        assert [row for row in rows if row.kind == MESSAGE] == [(MESSAGE, None)]
        assert bodies(cast, "hello") == ["Hello"]


def test_contacts_alone_name_no_other_rows(context, cast):
    with cast.scope():
        made = contact("Anna")
        db.session.commit()
        made.note = "x"
        db.session.flush()
        made.last_activity_at = made.created_at
        db.session.flush()
        changes = db.session.scalars(select(SearchChange.row_id)).all()
        assert changes == [made.id, made.id]
        assert db.session.get(Contact, (cast.business_id, made.id)) is made
