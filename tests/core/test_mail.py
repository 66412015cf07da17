"""Outgoing e-mail through a real SMTP conversation: what is sent, what is tried again, what is given up."""

import logging
from urllib.parse import quote

import pytest
from sqlalchemy import update

from app.core import given_up, mail, unit_of_work
from app.core.db import now
from app.core.jobs import OutboxJob
from app.extensions import db
from tests.standins import mail as stand_in

LOGIN = f"{stand_in.USER}:{quote(stand_in.PASSWORD, safe='')}@"


@pytest.fixture
def template(app, monkeypatch):
    """A mail named "greeting"."""
    from jinja2 import DictLoader

    parts = {
        "subject.txt": "Hello\n  {{ name }}",
        "body.txt": "Dear {{ name }},\nit is {{ hour }}.\n",
        "body.html": "<p>Dear {{ name }}</p>",
    }
    loader = DictLoader({f"mail/greeting/{part}": text for part, text in parts.items()})
    monkeypatch.setattr(app.jinja_env, "loader", loader)


class Post:
    """Mails as a business asks for them, and what comes of them."""

    def __init__(self, app, cast, run_jobs, monkeypatch):
        self.app, self.cast, self.run, self.patch = app, cast, run_jobs, monkeypatch

    def use(self, url, login=""):
        url = url.replace("//", f"//{login}")
        self.patch.setitem(self.app.config, "SMTP_URL", url)
        self.patch.setitem(self.app.config, "MAIL_FROM", "The desk <desk@example.com>")

    def ask(self, name="Anna", *, keep=True):
        with self.app.app_context(), self.cast.scope():
            mail.send("greeting", "anna@example.com", key="k", name=name, hour=9)
            if keep:
                unit_of_work.commit()
            else:
                db.session.rollback()

    def send(self, **options):
        self.ask(**options)
        self.run()

    def try_again(self):
        """What waits for another try is due now."""
        due = update(OutboxJob).where(OutboxJob.business_id == self.cast.business_id)
        with self.app.app_context(), unit_of_work.unit_of_work() as session:
            session.execute(due.values(available_at=now()))
        self.run()

    def failed(self):
        with self.app.app_context(), self.cast.scope():
            return [job.error.removeprefix("OutsideError: ") for job in given_up.failed_jobs()]


@pytest.fixture
def post(app, template, cast, run_jobs, monkeypatch):
    return Post(app, cast, run_jobs, monkeypatch)


@pytest.fixture
def server(post):
    with stand_in.running() as mailbox:
        post.use(mailbox.url)
        yield mailbox


def test_a_mail_has_both_bodies_and_its_headers(server, post):
    post.send(name="Anna <b>Ruiz</b>")
    (sent,) = server.mails
    assert sent["Subject"] == "Hello Anna <b>Ruiz</b>"
    assert (sent["From"], sent["To"]) == ("The desk <desk@example.com>", "anna@example.com")
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Message-ID"].endswith("@example.com>")
    assert sent.get_body(("plain",)).get_content().splitlines()[1] == "it is 9."
    assert "&lt;b&gt;Ruiz" in sent.get_body(("html",)).get_content()


def test_nothing_is_sent_when_the_transaction_rolls_back(server, post):
    post.send(keep=False)
    assert server.mails == []


def test_asked_for_twice_it_is_sent_once(server, post):
    post.ask()
    post.send()
    assert len(server.mails) == 1


def test_a_line_break_in_a_name_makes_no_header(server, post):
    post.send(name="Anna\r\nBcc: everybody@example.com")
    assert server.mails[0]["Bcc"] is None


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_what_may_pass_is_tried_again(server, post, step):
    server.answers = [{step: "451 greylisted, come back"}]
    post.send()
    assert server.mails == []
    post.try_again()
    assert len(server.mails) == 1
    assert post.failed() == []


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("mail", "refused our own address (553 not yours)"),
        ("rcpt", "refused the address (553 not yours)"),
        ("data", "refused the e-mail (553 not yours)"),
    ],
)
def test_what_is_refused_for_good_is_given_up_with_the_reason(server, post, step, told):
    server.answers = [{step: "553 not yours"}]
    post.send()
    assert told in post.failed()[0]
    assert server.attempts == 1


def test_a_server_that_takes_it_and_falls_silent_gets_the_same_message_id(server, post):
    server.answers = [{"hangs_up": True}]
    post.send()
    post.try_again()
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_a_server_that_is_away_is_tried_again(post):
    with stand_in.running() as mailbox:
        port = int(mailbox.url.rpartition(":")[2])
    post.use(mailbox.url)
    post.send()
    assert post.failed() == []
    with stand_in.running(port=port) as mailbox:
        post.try_again()
        assert len(mailbox.mails) == 1


def test_after_the_last_try_the_reason_stands_on_failed_work(post):
    post.use("smtp://127.0.0.1:1")
    post.ask()
    for _ in range(mail.ATTEMPTS):
        post.try_again()
    assert post.failed()[0].startswith("The mail server can’t be reached")


def test_a_user_name_and_password_open_it(post):
    with stand_in.running(wants_login=True) as mailbox:
        post.use(mailbox.url, LOGIN)
        post.send()
        assert len(mailbox.mails) == 1


def test_a_wrong_password_is_given_up_and_stands_nowhere(post):
    with stand_in.running(wants_login=True) as mailbox:
        post.use(mailbox.url, "desk:hunter2@")
        post.send()
        assert mailbox.mails == []
    assert post.failed()[0] == "The mail server refused our user name or password (535)."


def test_it_is_encrypted_where_the_server_can(post, tmp_path):
    certificate = stand_in.make_certificate(tmp_path)
    post.patch.setenv("SSL_CERT_FILE", str(certificate))
    with stand_in.running(wants_login=True, certificate=certificate) as mailbox:
        post.use(mailbox.url, LOGIN)
        post.send()
        assert len(mailbox.mails) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(post, tmp_path):
    with stand_in.running(certificate=stand_in.make_certificate(tmp_path)) as mailbox:
        post.use(mailbox.url)
        post.send()
        assert mailbox.mails == []
    assert "certificate verify failed" in post.failed()[0]


def test_a_password_goes_to_no_other_machine_unencrypted(post):
    with stand_in.running(wants_login=True) as mailbox:
        post.patch.setattr(mail, "_is_loopback", lambda _host: False)
        post.use(mailbox.url, LOGIN)
        post.send()
        assert mailbox.mails == []
    assert "no encryption" in post.failed()[0]


@pytest.mark.parametrize(
    ("host", "is_here"), [("127.0.0.1", True), ("localhost", True), ("mail.example.com", False)]
)
def test_this_machine_is_known_by_its_name(host, is_here):
    assert mail._is_loopback(host) is is_here


def test_without_a_server_it_goes_to_the_log(post, caplog):
    with caplog.at_level(logging.INFO, "app.core.mail"):
        post.send()
    assert "mail to anna@example.com: Hello Anna" in caplog.text
    assert post.failed() == []
    with post.app.app_context():
        assert "log" in mail.problem()


def test_production_without_a_server_says_so(post, caplog):
    post.patch.setitem(post.app.config, "ENV", "production")
    with post.app.app_context():
        assert "SMTP_URL is not set" in mail.problem()
    post.send()
    assert "SMTP_URL is not set" in post.failed()[0]
    assert "it is 9." not in caplog.text
