"""The commands for deployers: what they print, what they refuse, and how they end."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.services import authenticate
from app.businesses.models import Business, Membership
from app.config import ROOT
from app.demo import seed
from app.extensions import db
from app.knowledge import learning
from app.knowledge.models import Chunk, Sentence, Source
from tests.core.conftest import unique

Run = Callable[..., Result]
DELIVERY = "# Delivery\n\nWe deliver to Ashcombe on Tuesdays and Fridays for £4.95.\n"
DOGS = "Dogs on a lead are welcome everywhere but the café.\n"


@pytest.fixture
def flask(app: Flask, context: None) -> Run:
    """`flask("business", "create", …)`: in this process."""

    def run(*words: str, stdin: str | bytes = "") -> Result:
        db.session.remove()
        result = app.test_cli_runner().invoke(args=words, input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run


def sources() -> list[Source]:
    return list(db.session.scalars(select(Source).order_by(Source.name)))


# Businesses and people


def test_a_business_is_made_with_its_channels(flask):
    slug = unique("shop")
    assert flask("business", "create", "--name", "A Shop", "--slug", slug).output == f"{slug}\n"
    assert Business.by_slug(slug).name == "A Shop"


def test_an_address_is_made_from_the_name(flask):
    name = unique("Müller & Söhne")
    made = flask("business", "create", "--name", name).output.strip()
    assert made.startswith("test-muller-sohne")
    assert Business.by_slug(made)


@pytest.mark.parametrize("slug", ["Not A Slug", "../up", "-", "UPPER"])
def test_an_address_that_can_not_be_one_is_refused(flask, slug):
    result = flask("business", "create", "--name", "A Shop", "--slug", slug)
    assert result.exit_code == 1
    assert slug in result.output


def test_a_business_is_not_made_twice(flask, cast):
    result = flask("business", "create", "--name", "Again", "--slug", cast.slug)
    assert result.exit_code == 1
    assert result.output == f"Error: The address “{cast.slug}” is taken.\n"


def member(flask: Run, slug: str, email: str, *more: str) -> Result:
    return flask(
        "member", "create", "--business", slug, "--name", "Ann", "--email", email, *more
    )  # fmt: skip


def test_a_member_gets_an_account_and_a_role(flask, cast):
    email = f"{unique('ann')}@example.com"
    result = member(flask, cast.slug, email, "--role", "manager", "--password", "long enough word")
    assert result.exit_code == 0
    user = authenticate(email, "long enough word")
    assert Membership.of(user.id, cast.slug).role == "manager"


def test_a_person_with_an_account_joins_a_second_business_with_it(flask, cast):
    result = member(flask, cast.slug, cast.neighbour.email)
    assert result.exit_code == 0
    assert Membership.of(cast.neighbour.id, cast.slug).role == "agent"
    assert Membership.of(cast.neighbour.id, cast.neighbour_slug).role == "owner"


def test_a_member_of_no_business_is_not_made(flask):
    email = f"{unique('ann')}@example.com"
    result = member(flask, "nowhere", email, "--password", "long enough word")
    assert result.exit_code == 1
    assert "There is no business at “nowhere”." in result.output
    assert User.by_email(email) is None


def test_the_demo_is_seeded_once(flask):
    def counts() -> tuple[int, int | None]:
        db.session.expire_all()
        documents = len(list(seed.DOCUMENTS.iterdir()))
        return documents, db.session.scalar(select(func.count()).select_from(User))

    assert flask("demo", "seed").exit_code == 0
    before = counts()
    assert flask("demo", "seed").exit_code == 0
    assert counts() == before
    from app.core.tenancy import business_scope

    with business_scope(Business.by_slug(seed.SLUG).id):
        assert len(sources()) == before[0]


# Import


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a-delivery.md").write_text(DELIVERY)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "dogs.txt").write_text(DOGS)
    (tmp_path / ".hidden.txt").write_text("not for customers")
    return tmp_path


def imported(flask: Run, slug: str, *paths: Path) -> Result:
    return flask("knowledge", "import", "--business", slug, *map(str, paths))


def test_a_folder_is_imported_with_a_line_per_file_and_the_totals(flask, cast, folder):
    result = imported(flask, cast.slug, folder)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == f"ready   {folder}/a-delivery.md: 1 chunks"
    assert lines[1] == f"ready   {folder}/inner/dogs.txt: 1 chunks"
    assert lines[2].startswith("2 ready, 0 failed, 2 chunks in ")
    with cast.scope():
        assert [source.status for source in sources()] == ["ready", "ready"]
        assert db.session.scalar(select(func.count()).select_from(Sentence)) >= 2


def test_what_can_not_be_read_is_named_and_the_others_are_kept(flask, cast, folder):
    (folder / "b-empty.txt").write_text("")
    (folder / "c-broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    (folder / "d-photo.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "e-gone.txt").symlink_to(folder / "nowhere.txt")
    os.mkfifo(folder / "f-pipe.txt")
    result = imported(flask, cast.slug, folder)
    assert result.exit_code == 1
    assert "“b-empty.txt” is empty." in result.output
    assert f"failed  {folder}/c-broken.pdf: " in result.output
    assert "“d-photo.jpg” is not a kind of file that can be read." in result.output
    assert f"failed  {folder}/e-gone.txt: No such file or directory" in result.output
    assert f"failed  {folder}/f-pipe.txt: This is not a file." in result.output
    assert "2 ready, 5 failed, 2 chunks" in result.output
    with cast.scope():
        assert [source.name for source in sources()] == ["a-delivery.md", "dogs.txt"]


def test_a_file_that_breaks_the_reader_stops_no_other(flask, cast, folder, monkeypatch):
    """An error of ours, in the middle of the first file: nothing half-read of it stays."""
    read = learning.read

    def breaks_once(*_args: object) -> None:
        monkeypatch.setattr(learning, "read", read)
        raise RuntimeError("out of luck")

    monkeypatch.setattr(learning, "read", breaks_once)
    result = imported(flask, cast.slug, folder)
    assert result.exit_code == 1
    assert f"failed  {folder}/a-delivery.md: RuntimeError: out of luck" in result.output
    with cast.scope():
        assert [source.name for source in sources()] == ["dogs.txt"]


def test_a_link_to_a_folder_above_is_no_loop(flask, cast, folder):
    (folder / "inner" / "up").symlink_to(folder)
    assert "2 ready, 0 failed" in imported(flask, cast.slug, folder).output


def test_one_file_twice_is_one_source(flask, cast, folder):
    for _ in range(2):
        result = imported(flask, cast.slug, folder / "a-delivery.md", folder / "a-delivery.md")
        assert result.exit_code == 0
    with cast.scope():
        assert len(sources()) == 1
        assert db.session.scalar(select(func.count()).select_from(Chunk)) == 1


def test_nothing_is_imported_into_no_business(flask, folder):
    result = imported(flask, "nowhere", folder)
    assert result.exit_code == 1
    assert result.output == "Error: There is no business at “nowhere”.\n"


# Ask


@pytest.fixture
def ask(flask: Run, cast, folder: Path) -> Callable[..., list[dict]]:
    """`ask(line, …)` of a business that knows two things. Gives the lines back as objects."""
    imported(flask, cast.slug, folder)

    def asking(*lines: str | bytes) -> list[dict]:
        sent = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
        result = flask("knowledge", "ask", "--business", cast.slug, stdin=sent)
        assert result.exit_code == 0
        return [json.loads(line) for line in result.output.splitlines()]

    return asking


QUESTION = '{"id": 7, "question": "Do you deliver to Ashcombe?"}'


def test_an_answer_says_where_it_comes_from(ask):
    [answer] = ask(QUESTION)
    assert set(answer) >= {
        "id", "question", "answer", "confident", "score", "citations", "passages", "ms",
    }  # fmt: skip
    assert (answer["id"], answer["question"]) == (7, "Do you deliver to Ashcombe?")
    assert answer["confident"] is True
    assert "£4.95" in answer["answer"]
    assert answer["citations"][0]["text"] in DELIVERY
    assert {"document", "text", "score"} <= set(answer["passages"][0])


@pytest.mark.parametrize(
    "bad",
    [
        "not json", "[]", "7", "null", '"text"', "{}", '{"question": 7}', '{"question": null}',
        '{"question": "half"', "[" * 100_000, b'{"question": "\xff\xfe"}',
        '{"question": "\\ud800"}', '{"question": "nul \\u0000"}',
    ],
)  # fmt: skip
def test_a_bad_line_is_told_so_and_the_rest_goes_on(ask, bad):
    answers = ask(bad, QUESTION)
    assert len(answers) == 2
    assert "error" in answers[0] or "\\u0000" in bad
    assert answers[1]["id"] == 7
    assert "£4.95" in answers[1]["answer"]


def test_a_bad_line_keeps_its_id(ask):
    [answer] = ask('{"id": "q-1"}')
    assert answer["id"] == "q-1"
    assert answer["error"]


@pytest.mark.parametrize("given", ['"a"', "7", "null", '["x", 1]', '"ümläut 🌱"', '"\\ud83d"'])
def test_an_id_comes_back_as_it_was(ask, given):
    [answer] = ask(f'{{"id": {given}, "question": "Are dogs allowed?"}}')
    assert answer["id"] == json.loads(given)


def test_empty_lines_are_no_questions_and_the_order_stays(ask):
    answers = ask("", QUESTION, "   ", '{"id": 8, "question": "Are dogs allowed?"}', "")
    assert [answer["id"] for answer in answers] == [7, 8]


@pytest.mark.parametrize(
    "question", ["Liefern Sie nach Aſhcombe? 🌱", "配達しますか", "?", "", "x" * 10_000]
)
def test_any_question_gets_an_answer(ask, question):
    [answer] = ask(json.dumps({"id": 1, "question": question}))
    assert answer["question"] == question
    assert isinstance(answer["answer"], str)


def test_a_business_that_knows_nothing_says_so(flask, cast):
    result = flask("knowledge", "ask", "--business", cast.slug, stdin=QUESTION)
    answer = json.loads(result.output)
    assert answer["confident"] is False
    assert (answer["citations"], answer["passages"]) == ([], [])
    assert "person" in answer["answer"]


def test_a_neighbour_s_knowledge_is_not_asked(flask, ask, cast):
    result = flask("knowledge", "ask", "--business", cast.neighbour_slug, stdin=QUESTION)
    assert json.loads(result.output)["passages"] == []


def test_no_transaction_stays_open_while_the_next_line_is_awaited(flask, ask, cast):
    from app.cli import _answer

    with cast.scope():
        _answer(QUESTION.encode(), 5)
        assert not db.session().in_transaction()


# As a process of its own


def run_flask(data: Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environ = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "FRONTDESK_ENV", "FLASK_APP"}
    }
    environ |= {
        "FRONTDESK_DATA_DIR": str(data),
        "EMBEDDING_DIR": str(ROOT / ".test-data" / "embedding"),
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    }
    return subprocess.run(
        [ROOT / ".venv" / "bin" / "flask", *words],
        cwd=ROOT, env=environ, input=stdin, capture_output=True, timeout=120, check=False,
    )  # fmt: skip


def test_on_an_empty_data_directory_it_brings_its_own_servers_and_tables(app, tmp_path_factory):
    """Nothing else runs, nothing was prepared, and the terminal knows nothing but ASCII."""
    data = tmp_path_factory.mktemp("data")
    file = data / "delivery.md"
    file.write_text(DELIVERY)
    made = run_flask(data, "business", "create", "--name", "A Shop", "--slug", "a-shop")
    assert (made.returncode, made.stdout) == (0, b"a-shop\n"), made.stderr.decode()
    first = run_flask(data, "knowledge", "import", "--business", "a-shop", str(file))
    assert first.returncode == 0, first.stderr.decode()
    asked = run_flask(
        data, "knowledge", "ask", "--business", "a-shop", stdin=QUESTION.encode() + b"\n"
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr.decode()
    assert "£4.95" in json.loads(asked.stdout)["answer"]
    assert not running_in(data)


def running_in(data: Path) -> list[str]:
    """The command lines of processes that name this directory."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if str(data) in line:
                found.append(line)
    return found
