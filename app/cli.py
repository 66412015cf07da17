"""Commands for deployers and for measuring: `flask business|member|demo|knowledge|assistant|embeddings …`."""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import select

from app.businesses.models import Business
from app.config import ROOT
from app.core import unit_of_work
from app.core.errors import FrontdeskError, OutsideError
from app.core.tenancy import business_scope
from app.extensions import db
from app.pages import health

business = AppGroup("business", help="Businesses.")
member = AppGroup("member", help="The people of a business.")
demo = AppGroup("demo", help="The demo business.")
knowledge = AppGroup("knowledge", help="What a business's assistant knows.")
assistant = AppGroup("assistant", help="What a business's assistant says.")
embeddings = AppGroup("embeddings", help="The embedding model.")


def register(app: Flask) -> None:
    for group in (business, member, demo, knowledge, assistant, embeddings):
        app.cli.add_command(group)


def migrate_own_database(app: Flask) -> None:
    """The embedded database has nobody else to do it."""
    with app.app_context():
        if health.is_migrated():
            return
        from flask_migrate import upgrade

        click.echo("Preparing the database …", err=True)
        upgrade(directory=str(ROOT / "migrations"))


@business.command("create")
@click.option("--name", required=True)
@click.option("--slug", default="", help="Its address; made from the name where missing.")
@click.option("--time-zone", default="UTC", help="IANA name, such as Europe/London.")
def create_business(name: str, slug: str, time_zone: str) -> None:
    """Make a business. Prints its address."""
    from app.frontdesk.opening import open_business

    with _plainly(), unit_of_work.unit_of_work():
        made = open_business(name, None, slug, time_zone)
        slug = made.slug
    click.echo(slug)


@member.command("create")
@click.option("--business", "slug", required=True)
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option(
    "--role",
    default="agent",
    type=click.Choice(["owner", "manager", "agent", "accountant", "viewer"]),
)
@click.option("--password", help="Asked for where missing; of a new account only.")
def create_member(slug: str, name: str, email: str, role: str, password: str | None) -> None:
    """Give a person a place in a business, with an account where there is none."""
    from app.accounts.models import User
    from app.accounts.services import create_user
    from app.businesses.services import add_member

    with _plainly(), unit_of_work.unit_of_work():
        user = User.by_email(email)
        if user is None:
            password = password or click.prompt("Password", hide_input=True)
            user = create_user(name, email, password)
        add_member(_business(slug), user, role)
    click.echo(f"{email} is {role} of {slug}")


@demo.command("seed")
def seed_demo() -> None:
    """Make the demo business with its documents and its owner. Safe to run twice."""
    from app.demo import seed

    with _plainly():
        seed.run()


@embeddings.command("build")
def build_embeddings() -> None:
    """Export the configured embedding model once, for onnxruntime."""
    from app.knowledge import embeddings as package

    config = current_app.config
    base, model = config["EMBEDDING_DIR"], config["EMBEDDING_MODEL"]
    try:
        package.build(base, model, config["EMBEDDING_SOURCE"])
    except ValueError as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(str(base / model))


@embeddings.command("status")
def show_embedding_models() -> None:
    """Which model serves each business, and which one it is changing to."""
    from app.knowledge import reembedding

    for slug, model, following in reembedding.status():
        click.echo(f"{slug}  {model}" + (f"  changing to {following}" if following else ""))


@knowledge.command("import")
@click.option("--business", "slug", required=True)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def import_knowledge(slug: str, paths: tuple[Path, ...]) -> None:
    """Import files, or folders with all their files, and wait until they are embedded."""
    from app.knowledge import importing

    began, totals = time.monotonic(), importing.Totals()
    with _plainly(), business_scope(_business(slug).id):
        _prepare_model()
        for result in importing.import_all(paths):
            totals.add(result)
            click.echo(result.line(), err=not result.is_ready)
    click.echo(f"{totals.line()} in {time.monotonic() - began:.1f} s")
    if totals.failed_count:
        sys.exit(1)


@knowledge.command("ask")
@click.option("--business", "slug", required=True)
@click.option("--top", default=5, show_default=True, type=click.IntRange(1, 50))
def ask(slug: str, top: int) -> None:
    """Answer questions, one JSON object a line: {"id", "question"} in, the answer out.

    Always without a language model, so that it is repeatable.
    """
    with _plainly(), business_scope(_business(slug).id):
        _prepare_model()
        for line in sys.stdin.buffer:
            if line.strip():
                _print_json(_answer(line, top))


@knowledge.command("check")
@click.option("--business", "slug", help="Its address.")
@click.option("--all", "is_all", is_flag=True, help="Of all businesses.")
def check_knowledge(slug: str | None, is_all: bool) -> None:
    """Ask all checks again, of the passages alone, and keep what came. Exit status 1 when one is not answered
    right."""
    if sum(_check_knowledge(each, is_all) for each in _businesses(slug, is_all)):
        sys.exit(1)


def _check_knowledge(found: "Found", is_all: bool) -> int:
    """Prints a line for each, under its business where there are several. Returns how many are red."""
    from app.knowledge import cases
    from app.knowledge.embeddings.current import encode

    red_count = 0
    with _plainly(), business_scope(found.id), unit_of_work.unit_of_work():
        for number, case in enumerate(cases.run_all(encode)):
            if is_all and not number:
                click.echo(found.slug)
            click.echo(f"{'green' if case.is_green else 'red  '}  {case.question}")
            red_count += not case.is_green
    return red_count


@assistant.command("check")
@click.option("--business", "slug", help="Its address.")
@click.option("--all", "is_all", is_flag=True, help="Of all businesses: before a release.")
def check_assistant(slug: str | None, is_all: bool) -> None:
    """Ask all checks of the assistant as it is set up, with its model and its tools run dry. What a model costs
    counts against the business's budget. Exit status 1 when one is not answered right."""
    from app.assistant.prompting import VERSION

    businesses = _businesses(slug, is_all)
    click.echo(f"Prompt {VERSION}")
    if sum(_check_assistant(each) for each in businesses):
        sys.exit(1)


def _check_assistant(found: "Found") -> int:
    """Prints a line for each under the business. Returns how many are red, or could not be asked."""
    from app.frontdesk import checking

    red_count = 0
    with business_scope(found.id), unit_of_work.unit_of_work():
        try:
            for number, verdict in enumerate(checking.ask_all()):
                if not number:
                    click.echo(f"{found.slug}  {checking.model_name() or 'no language model'}")
                click.echo(_line(verdict.question, verdict.problem))
                red_count += bool(verdict.problem)
        except OutsideError as error:
            click.echo(f"{found.slug}  not asked on: {error.message}")
            red_count += 1
    return red_count


def _line(question: str, problem: str) -> str:
    return f"red    {question} ({problem})" if problem else f"green  {question}"


@dataclass(frozen=True, slots=True)
class Found:
    """A business, whatever is committed meanwhile."""

    id: int
    slug: str


def _businesses(slug: str | None, is_all: bool) -> list[Found]:
    if bool(slug) == is_all:
        raise click.UsageError("Name one --business, or use --all.")
    _prepare_model()
    named = (
        [_business(slug)] if slug else db.session.scalars(select(Business).order_by(Business.slug))
    )
    return [Found(each.id, each.slug) for each in named]


def _answer(line: bytes, top: int) -> dict[str, Any]:
    from app.knowledge import answering
    from app.knowledge.embeddings.current import encode

    asked: Any = None
    try:
        asked = json.loads(line)
        question = _question_in(asked)
        began = time.perf_counter()
        found = answering.answer(question, encode, top=top).as_dict()
        ms = round((time.perf_counter() - began) * 1000, 2)
    except (ValueError, RecursionError) as problem:
        return _id_of(asked) | {"error": f"not a question: {problem}"}
    except Exception as problem:
        return _id_of(asked) | {"error": f"{type(problem).__name__}: {problem}"}
    finally:
        unit_of_work.rollback()  # the next line may be long in coming
    return {"id": None} | _id_of(asked) | found | {"ms": ms}


def _question_in(asked: Any) -> str:
    if not isinstance(asked, dict):
        raise ValueError('expected an object with "question"')
    question = asked.get("question")
    if not isinstance(question, str):
        raise ValueError('"question" must be text')
    question.encode()  # half a surrogate pair is no text: UnicodeEncodeError, a ValueError
    return question


def _id_of(asked: Any) -> dict[str, Any]:
    return {"id": asked["id"]} if isinstance(asked, dict) and "id" in asked else {}


def _print_json(record: dict[str, Any]) -> None:
    """UTF-8 whatever the terminal's locale; half a surrogate pair stays the escape that it was."""
    click.echo(json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace"))


def _prepare_model() -> None:
    from app.knowledge import embeddings as package

    config = current_app.config
    base, model = config["EMBEDDING_DIR"], config["EMBEDDING_MODEL"]
    if config["EMBEDDING_BACKEND"] == "onnx" and not package.is_built(base, model):
        click.echo("Preparing the embedding model (once, takes a minute) …", err=True)
        package.build(base, model, config["EMBEDDING_SOURCE"])


def _business(slug: str) -> Business:
    found = Business.by_slug(slug)
    if found is None:
        raise click.ClickException(f"There is no business at “{slug}”.")
    return found


class _plainly:  # noqa: N801
    """Errors that are meant for people end the command with their words."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: Any, error: BaseException | None, _traceback: Any) -> None:
        if isinstance(error, FrontdeskError | OutsideError):
            raise click.ClickException(error.message)
