"""Imports: what a file may look like, whom its lines are, going on after a kill, and taking it back."""

import io
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from app.accounts.models import User
from app.channels import consents
from app.channels.models import Consent
from app.contact_data.importing import running, services
from app.contact_data.importing.settings import Settings
from app.contact_data.models import ContactImport
from app.contacts import fields, tags
from app.contacts import services as people
from app.contacts.models import Contact
from app.core.errors import Conflict, Invalid
from app.core.storage import File
from app.extensions import db

CSV = """Name;E-mail;Mobile;Company;Tags;Size;Notes
Ana Ruiz;ANA@example.com;020 7946 0018;Café Rosa;VIP, Gold;12;Likes tea
Ben;ben@example.com;;;;3,5;
;no address;;;;;
Čeněk;;+420 601 123 456;CAFE ROSA;;;
"""


@pytest.fixture
def brought(inside, run_jobs, cast):
    """`brought(text)`: a file that has been read; its id."""

    def bring(data: str | bytes = CSV, name: str = "people.csv") -> int:
        data = data.encode() if isinstance(data, str) else data
        with inside():
            owner = db.session.get_one(User, cast.owner.id)
            made = services.take(io.BytesIO(data), name, owner).id
        run_jobs()
        return made

    return bring


@pytest.fixture
def go(inside, run_jobs):
    """`go(id, services.run)`: the step with its jobs; the counts after it."""

    def step(import_id: int, service: Any, *args: Any, **more: Any) -> dict[str, int]:
        with inside():
            service(ContactImport.by_id(import_id), *args, **more)
        run_jobs()
        with inside():
            of = ContactImport.by_id(import_id)
            return {"status": of.status} | running.counts(of)

    return step


def tried(go, import_id, inside, **typed):
    with inside():
        columns = Settings.model_validate(ContactImport.by_id(import_id).settings).columns
    form = {f"column-{at}": target for at, target in columns.items()}
    form |= {"has_header": "yes", "country": "GB"} | typed
    return go(import_id, services.try_out, form, may_make_fields=True)


def looks(inside):
    with inside():
        found = db.session.scalars(select(Contact).order_by(Contact.name_key))
        return [
            (each.name, *[i.value for i in each.identities], each.company and each.company.name,
             *[tag.name for tag in tags.of(each.id)], *each.custom.values(), each.note)
            for each in found
        ]  # fmt: skip


def test_a_file_is_read_tried_run_repeated_and_undone(brought, go, inside):
    with inside():
        fields.create("Size", "number")
    first = brought()
    assert tried(go, first, inside) == {"status": "checked", "new": 3, "error": 1}
    assert looks(inside) == []
    assert go(first, services.run) == {"status": "done", "new": 3, "error": 1}
    three = [
        ("Ana Ruiz", "ana@example.com", "+442079460018", "Café Rosa", "Gold", "VIP", 12, "Likes tea"),
        ("Ben", "ben@example.com", None, 3.5, ""),
        ("Čeněk", "+420601123456", "Café Rosa", ""),
    ]  # fmt: skip
    assert looks(inside) == three
    with inside():
        assert [row.reason for row in services.error_rows(ContactImport.by_id(first))] == [
            "E-mail: This is no e-mail address. One is hello@example.com."
        ]
        assert db.session.query(File).count() == 0
    again = brought()
    assert tried(go, again, inside) == {"status": "checked", "unchanged": 3, "error": 1}
    go(again, services.run)
    assert looks(inside) == three
    assert go(first, services.undo)["status"] == "undone"
    assert looks(inside) == []
    with inside(), pytest.raises(Conflict):
        services.undo(ContactImport.by_id(first))


def test_one_that_got_stuck_says_so_can_be_gone_on_with_and_undone(brought, go, inside, owner):
    file = brought("Name,E-mail\nAna,ana@example.com\nBen,ben@example.com\n")
    tried(go, file, inside)
    go(file, services.run)
    with inside():  # as if it had been given up before its last line
        of = ContactImport.by_id(file)
        last = services.rows(of, "new")[0][-1]
        db.session.delete(db.session.get_one(Contact, (of.business_id, last.contact_id)))
        last.is_done, last.contact_id, last.cells = False, None, ["Ben", "ben@example.com"]
        of.status = "running"
        running.fail(file, of.revision, "killed again and again")
    for step in (services.remove, lambda of: services.read_again(of, "", "", "")):
        with inside(), pytest.raises(Conflict, match="in already"):
            step(ContactImport.by_id(file))
    page = owner.get(f"/imports/{file}").text
    assert ("Nothing is written" in page, "1 line is in already" in page) == (False, True)
    assert tried(go, file, inside) == {"status": "checked", "new": 2}
    assert go(file, services.run) == {"status": "done", "new": 2}
    assert go(file, services.undo)["status"] == "undone"
    assert looks(inside) == []


def test_a_line_without_address_is_imported_once(brought, go, inside):
    for _ in range(2):
        file = brought("Name\nAna\nBen\n")
        tried(go, file, inside)
        go(file, services.run)
    assert [each[0] for each in looks(inside)] == ["Ana", "Ben"]


@pytest.mark.parametrize(
    ("known", "becomes"),
    [("fill", ("updated", "Anna", "New")), ("overwrite", ("updated", "Ana Ruiz", "New")), ("skip", ("skipped", "Anna", ""))],
)  # fmt: skip
def test_what_becomes_of_whom_we_know(brought, go, inside, known, becomes):
    outcome, name, note = becomes
    with inside():
        people.claim(people.new_contact(None, "Anna"), "email", "ana@example.com")
    file = brought("Name,Email,Notes,Tags\nAna Ruiz,ana@example.com,New,VIP\n")
    assert tried(go, file, inside, known=known)[outcome] == 1
    go(file, services.run)
    (ana,) = looks(inside)
    assert (ana[0], ana[-1]) == (name, note)
    assert ("VIP" in ana) is (known != "skip")
    go(file, services.undo)
    assert looks(inside) == [("Anna", "ana@example.com", None, "")]


def test_undo_leaves_what_was_touched_since(brought, go, inside, member):
    file = brought("Name,Email,Notes\nAna,ana@example.com,One\nBen,ben@example.com,Two\n")
    tried(go, file, inside)
    go(file, services.run)
    with inside():
        ben = Contact.by_identity("email", "ben@example.com")
        tags.put(ben, "VIP", member())
    go(file, services.undo)
    assert [each[0] for each in looks(inside)] == ["Ben"]


def test_doubles_and_two_in_one_line(brought, go, inside, member):
    with inside():
        for name, kind, value in (("Ana", "email", "ana@example.com"), ("Ben", "phone", "+442079460018")):  # fmt: skip
            people.claim(people.new_contact(None, name, by=member()), kind, value)
    file = brought(
        "Name,Email,Email 2,Phone\nAna,ana@example.com,,020 7946 0018\n"
        "Cem,cem@example.com,c@example.com,\nCem Kaya,C@example.com,,+442079460019\n"
    )
    assert tried(go, file, inside) == {"status": "checked", "new": 1, "updated": 1, "error": 1}
    assert go(file, services.run) == {"status": "done", "new": 1, "updated": 1, "error": 1}
    cem = next(each for each in looks(inside) if each[0] == "Cem")
    assert cem[1:4] == ("c@example.com", "cem@example.com", "+442079460019")
    with inside():
        (error,) = services.rows(ContactImport.by_id(file), "error")[0]
        assert "Ana and Ben" in error.reason
    go(file, services.undo)
    assert len(looks(inside)) == 2


def amplified() -> bytes:
    """A few kilobytes that say the same long words a hundred times in each line."""
    book, out = Workbook(), io.BytesIO()
    for _ in range(3):
        book.active.append(["long words " * 400] * 100)
    book.save(out)
    return out.getvalue()


def workbook() -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active.append(["Name", "E-mail", "Birthday"])
    book.active.append(["Ana", "ana@example.com", __import__("datetime").datetime(1990, 5, 31)])
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "found"),
    [
        ("Name\tE-mail\nJosé\tjose@example.com\n".encode("utf-16"), "a.tsv", ("utf-16", "\t")),
        ("Name;E-mail\nJosé Muñoz;jose@example.com\n".encode("cp1252"), "a.csv", ("cp1252", ";")),
        ("Имя|E-mail\nАнна Иванова|anna@example.com\n".encode("cp1251"), "a.txt", ("cp1251", "|")),
        (b"sep=;\nName;E-mail\n\"Ana; B\nC\";a@example.com\n", "a.csv", ("utf-8", ";")),
        (workbook(), "a.xlsx", ("", "")),
    ],
)  # fmt: skip
def test_any_delimiter_and_encoding(brought, inside, data, name, found):
    file = brought(data, name)
    with inside():
        of = ContactImport.by_id(file)
        assert of.status == "ready", of.problem
        assert (of.found["encoding"], of.found["delimiter"]) == found
        assert "email" in of.settings["columns"].values()


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [(b"%PDF-1.4 x", "a.csv", "PDF"), (b"PK\x03\x04rubbish", "a.xlsx", "damaged"), (b"\n\n", "a.csv", "empty"), (b"\x89PNG\r\n" + b"\0" * 99, "a.png", "picture"), (amplified(), "a.xlsx", "20,000 are the most")],
)  # fmt: skip
def test_what_is_no_table(brought, inside, data, name, words):
    file = brought(data, name)
    with inside():
        of = ContactImport.by_id(file)
        assert of.status == "failed"
        assert words in of.problem


def test_read_another_way(brought, go, inside):
    file = brought("Name,E-mail\nAna,ana@example.com\n")
    with inside(), pytest.raises(Invalid):
        services.read_again(ContactImport.by_id(file), "rot13", "", "")
    assert go(file, services.read_again, "cp1252", ";", "")["status"] == "ready"
    with inside():
        assert [row.cells for row in running.first_rows(ContactImport.by_id(file), 9)] == [["Name,E-mail"], ["Ana,ana@example.com"]]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"column-0": "", "column-1": ""}, "which column"),
        ({"column-0": "name", "column-1": "name"}, "Two columns"),
        ({"column-1": "consent.email"}, "Say how and when"),
    ],
)
def test_what_can_not_be_tried(brought, inside, typed, words):
    file = brought("Name,Wants\nAna,yes\n")
    form = {"column-0": "name", "has_header": "yes"} | typed
    with inside(), pytest.raises(Invalid, match=words):
        services.try_out(ContactImport.by_id(file), form, may_make_fields=True)


def test_a_killed_worker_goes_on_where_it_was(brought, go, inside, monkeypatch, run_jobs):
    monkeypatch.setattr(running, "CHUNK", 2)
    file = brought("Name,Email\n" + "".join(f"P{n},p{n}@example.com\n" for n in range(7)))
    tried(go, file, inside)
    with inside():
        services.run(ContactImport.by_id(file))
    steps, commit = [], running.commit_step

    def killed() -> None:
        commit()
        steps.append(1)
        if len(steps) == 2:
            raise RuntimeError("the worker is gone")

    monkeypatch.setattr(running, "commit_step", killed)
    run_jobs()
    assert len(looks(inside)) == 4
    with inside():
        db.session.execute(db.text("UPDATE outbox SET available_at = now() WHERE done_at IS NULL"))
    run_jobs()
    assert len(looks(inside)) == 7
    with inside():
        of = ContactImport.by_id(file)
        assert (of.status, of.done_count) == ("done", 7)
        assert {row.cells == [] for row in running.first_rows(of, 99)[1:]} == {True}


def test_consent_comes_with_its_evidence_and_never_over_a_no(brought, go, inside):
    with inside():
        consents.record("email", ["email:ben@example.com"], purpose="marketing", state="out", basis="member", evidence={})  # fmt: skip
    file = brought("Name,Email,Newsletter\nAna,ana@example.com,yes\nBen,ben@example.com,yes\nCem,cem@example.com,no\n")  # fmt: skip
    words = "Ticked the box on the form of 2026"
    tried(go, file, inside, **{"column-2": "consent.email", "consent_words": words})
    go(file, services.run)
    with inside():
        new = select(Consent).where(Consent.basis == "import").order_by(Consent.address)
        found = [(c.address, c.state, c.evidence["words"]) for c in db.session.scalars(new)]
    assert found == [
        ("email:ana@example.com", "in", words),
        ("email:cem@example.com", "out", words),
    ]


def test_a_column_becomes_a_field(brought, go, inside, cast):
    file = brought("Name,Skin type\nAna,Dry\n")
    with inside(), pytest.raises(Invalid, match="owner or manager"):
        services.try_out(ContactImport.by_id(file), {"column-0": "name", "column-1": "new.text", "has_header": "yes"}, may_make_fields=False)  # fmt: skip
    tried(go, file, inside, **{"column-0": "name", "column-1": "new.text", "tag": "Imported"})
    go(file, services.run)
    assert looks(inside) == [("Ana", None, "Imported", "Dry", "")]
    with inside(), cast.neighbour_scope():
        assert ContactImport.by_id(file) is None
