"""Exports: what stands in the file, what a spreadsheet must not compute, and everything of one person."""

import csv
import io
import json
import zipfile

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, select

from app.accounts.models import User
from app.channels import consents
from app.contact_data.exporting import cells, tables
from app.contact_data.exporting import services as exports
from app.contact_data.models import ContactExport
from app.contacts import companies, fields, keeping, services, tags
from app.contacts.models import Contact
from app.core.outbox import OutboxJob
from app.core.storage import File
from app.extensions import db


@pytest.fixture
def ana(inside, member):
    with inside():
        size = fields.create("Size", "number")
        ana = services.new_contact(None, "=cmd|' /C calc'!A0", by=member())
        services.claim(ana, "email", "ana@example.com")
        services.claim(ana, "phone", "+442079460018")
        tags.put(ana, "VIP", member())
        ana.company_id, ana.custom, ana.note = companies.find_or_make("Rosa").id, {size.key: -5}, "Tea, “black”"  # fmt: skip
        consents.record("email", ["email:ana@example.com"], purpose="marketing", state="in", basis="member", evidence={})  # fmt: skip
        services.new_contact(None, "Ben", by=member())
        return ana.id


def fetch(owner, answer):
    here = "/exports/" + answer.location.rpartition("/")[2]
    return owner.get(here + "/file")


def test_a_csv_and_back(ana, owner, inside, run_jobs):
    file = fetch(owner, owner.post("/exports/", format="excel-csv", all="1"))
    assert file.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert [row["Name"] for row in rows] == ["'=cmd|' /C calc'!A0", "Ben"]
    first = {k: v for k, v in rows[0].items() if k in ("E-mail", "Phone", "Company", "Tags", "Size", "Good to know", "Wants offers by e-mail", "Wants offers by SMS")}  # fmt: skip
    assert list(first.values()) == ["ana@example.com", "+44 20 7946 0018", "Rosa", "VIP", "Tea, “black”", "-5", "yes", ""]  # fmt: skip
    brought = owner.post("/imports/", file=(io.BytesIO(file.data), "again.csv"))
    run_jobs()
    here = "/imports/" + brought.location.rpartition("/")[2]
    targets = [
        "name",
        "email",
        "phone",
        "company",
        "tags",
        "note",
        "language",
        "birthday",
        "custom.size",
    ]
    typed = {f"column-{at}": target for at, target in enumerate(targets)}
    owner.post(f"{here}/trial", has_header="yes", country="GB", **typed)
    run_jobs()
    page = owner.get(here).text
    assert "<dt>Unchanged</dt>" in page, page


def test_an_excel_file_by_a_job(ana, owner, run_jobs, inside):
    asked = owner.post("/exports/", format="xlsx", contact_id=[ana])
    here = "/exports/" + asked.location.rpartition("/")[2]
    assert owner.get(here + "/file").status_code == 404
    run_jobs()
    assert "Download" in owner.get(here).text
    sheet = load_workbook(io.BytesIO(owner.get(here + "/file").data)).active
    assert (sheet.max_row, sheet["A2"].value, sheet["A2"].data_type) == (
        2,
        "=cmd|' /C calc'!A0",
        "s",
    )
    with inside():
        of = ContactExport.newest(1)[0]
        exports.forget(of.id, of.file_id)
        assert db.session.query(File).count() == 0


def test_a_field_that_comes_meanwhile_shifts_no_column(ana, inside, monkeypatch):
    monkeypatch.setattr(tables, "PAGE", 1)
    with inside():
        header, pages = tables.of(select(Contact))
        first = next(pages)
        fields.create("Newer", "text")
        assert {len(row) for page in (first, *pages) for row in page} == {len(header)}


def test_everything_of_a_person(ana, owner, guest, inside, run_jobs):
    talk = guest()
    with inside():
        by = db.session.scalars(select(User)).first()
        visitor = talk.row()
        visitor.contact_id, visitor.contact_link = ana, "own"
        keeping.keep(Contact.by_id(ana), io.BytesIO(b"a plan"), "plan.txt", by)
        keeping.write(Contact.by_id(ana), "Likes windows", by)
    asked = owner.post(f"/exports/people/{ana}")
    run_jobs()
    archive = zipfile.ZipFile(io.BytesIO(fetch(owner, asked).data))
    told = json.loads(archive.read("person.json"))
    assert told["fields"] == {"Size": -5}
    assert told["conversations"][0]["messages"][0]["text"] == "hello"
    assert [each["state"] for each in told["consents"]] == ["in"]
    assert told["notes"][0]["body"] == "Likes windows"
    (plan,) = (name for name in archive.namelist() if name.startswith("files/"))
    assert archive.read(plan) == b"a plan"


def test_who_may_and_what_is_refused(ana, owner, records, cast, inside):
    assert records(cast.agent).post("/exports/", format="csv", all="1").status_code == 403
    assert records(cast.agent).post(f"/exports/people/{ana}").status_code == 403
    assert "Choose a format" in owner.post("/exports/", format="pdf", all="1").text
    assert "Nobody is chosen" in owner.post("/exports/", format="csv", all="1", q="zzz").text
    with inside(), cast.neighbour_scope():
        assert ContactExport.by_id(1) is None or ContactExport.newest() == []


@pytest.mark.parametrize(
    ("cell", "safe"),
    [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-2+3", "'-2+3"), ("\t=1", "'\t=1"), ("+44 20 79", "+44 20 79"), ("-5", "-5"), ("+cmd", "'+cmd"), ("a=b", "a=b"), ("x;=1+1;y", "x;'=1+1;y"), ("a\n- b\n@c", "a\n- b\n'@c")],
)  # fmt: skip
def test_nothing_is_computed(cell, safe):
    assert cells.safe([cell]) == [safe]


def test_who_is_erased_is_in_no_file_any_more(ana, owner, inside, run_jobs):
    def started(what, **asked):
        return int(owner.post(what, **asked).location.rpartition("/")[2])

    with inside():
        ben = db.session.scalars(select(Contact.id).where(Contact.name == "Ben")).one()
    kept = started("/exports/", format="csv", contact_id=[ben])
    gone = [started("/exports/", format="csv", contact_id=[ana, ben]), started("/exports/", format="csv", all="1")]  # fmt: skip
    started(f"/exports/people/{ana}")
    run_jobs()
    running = started("/exports/", format="xlsx", all="1")
    table = "Email,Phone,Note\nnobody,,1\nnobody,(020) 7946 0018,2\nASK ana@EXAMPLE.com,,3\n"
    file = started("/imports/", file=(io.BytesIO(table.encode()), "people.csv"))
    with inside():
        db.session.execute(delete(OutboxJob).where(OutboxJob.name == "contact_data.export"))
    run_jobs()
    typed = {"column-0": "email", "column-1": "phone", "has_header": "yes", "country": "GB"}
    owner.post(f"/imports/{file}/trial", **typed)
    run_jobs()
    owner.post(f"/{ana}/deletion/")
    with inside():
        left = {each.id: (each.status, bool(each.file_id)) for each in ContactExport.newest()}
        assert left == {kept: ("done", True), running: ("failed", False)} | dict.fromkeys(gone, ("done", False))  # fmt: skip
        assert db.session.query(File).count() == 2  # Ben's, and the file that is being imported
        exports.run(running)
    errors = owner.get(f"/imports/{file}/errors.csv").text
    assert [line.split(",")[0:3] for line in errors.splitlines()[1:]] == [["nobody", "", "1"]]
    assert "This person was deleted." in owner.get(f"/imports/{file}?rows=error").text
    assert "deleted while this was written" in owner.get(f"/exports/{running}").text
