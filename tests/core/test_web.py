"""The edge: where a redirect may lead, assets, headers, error pages, request ids, health."""

import gzip
import json
import logging
import re

import pytest
from flask import abort, g
from sqlalchemy import text

from app.core import heartbeat, web
from app.core.logs import JsonFormatter
from app.extensions import db, redis


@pytest.fixture
def serve(app, client, monkeypatch):
    """Let this view answer one POST; returns the response."""

    def call(view, **options):
        view.is_public = True
        monkeypatch.setitem(app.view_functions, "accounts.create_session", view)
        return client.post("/login", **options)

    return call


# Redirects


@pytest.mark.parametrize(
    "target", ["/", "/b/shop/inbox?view=mine#top", "/b/ümlaut", "/a//b", "/a:b"]
)
def test_a_target_on_this_site_stays(target):
    assert web.local_target(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "", None, "inbox", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "https://evil.example", "https:evil.example", "javascript:alert(1)", " //evil.example",
        "/\t/evil.example", "/\n/evil.example", "/\r\\evil.example", "/\t\\evil.example",
        "/ok\r\nSet-Cookie: a=b", "/\x00/evil.example", "/inbox\\..\\..", "/\x7f",
    ],
)  # fmt: skip
def test_a_target_that_leads_away_is_refused(target):
    assert web.local_target(target) is None


def test_after_success_a_browser_is_sent_on_and_htmx_is_told(serve):
    def view():
        return web.go_to("/somewhere")

    plain = serve(view)
    assert (plain.status_code, plain.location) == (303, "/somewhere")
    told = serve(view, headers={"HX-Request": "true"})
    assert (told.status_code, told.headers["HX-Redirect"]) == (204, "/somewhere")


def test_logged_out_htmx_is_sent_to_the_log_in_and_back(client, cast):
    response = client.get(f"/b/{cast.slug}/inbox/", headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == f"/login?next=/b/{cast.slug}/inbox/"


def test_a_toast_may_say_anything(serve):
    def view():
        return web.told(web.make_response("ok"), "Gespeichert – “früh” 🌱\r\nX-Evil: 1", "sources")

    triggers = json.loads(serve(view).headers["HX-Trigger"])
    assert triggers["toast"]["message"] == "Gespeichert – “früh” 🌱\r\nX-Evil: 1"
    assert "sources" in triggers


# Assets


def asset_url(app, path="css/base.css"):
    with app.test_request_context():
        return web.asset(path)


def test_an_asset_that_caches_may_keep_carries_nobodys_session(app, client):
    with client.session_transaction() as session:
        session.permanent = True
        session["said"] = "hello"
    assert "Set-Cookie" in client.get("/login").headers
    response = client.get(asset_url(app))
    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.headers.get("Vary", "")


def test_an_asset_is_named_by_its_content_and_kept_for_a_year(app, client):
    url = asset_url(app)
    assert re.fullmatch(r"/assets/[0-9a-f]{12}/css/base\.css", url)
    response = client.get(url)
    assert response.status_code == 200
    assert "immutable" in response.headers["Cache-Control"]
    assert "max-age=31536000" in response.headers["Cache-Control"]


def test_another_content_has_another_name(app, tmp_path, monkeypatch):
    (tmp_path / "a.css").write_text("a {}")
    monkeypatch.setattr(app, "static_folder", str(tmp_path))
    before = asset_url(app, "a.css")
    (tmp_path / "a.css").write_text("b { color: red }")
    assert asset_url(app, "a.css") != before


def test_an_asset_goes_compressed_to_whom_understands_it(app, client):
    url = asset_url(app)
    plain = client.get(url)
    packed = client.get(url, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data)
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("path", ["../app/config.py", "%2e%2e/app/config.py", "nothing.css"])
def test_there_is_no_way_out_of_the_assets(client, path):
    assert client.get(f"/assets/000000000000/{path}").status_code == 404


# Pages


def test_a_page_carries_its_policy_with_a_nonce_of_its_own(client):
    first, second = client.get("/login"), client.get("/login")
    nonces = [
        re.search(r"'nonce-([\w-]{22})'", page.headers["Content-Security-Policy"])[1]
        for page in (first, second)
    ]
    assert nonces[0] != nonces[1]
    policy = first.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    for found in re.findall(r'nonce="([^"]*)"', first.text):
        assert found == nonces[0]


def test_every_answer_says_how_it_may_be_used(app, client):
    assert client.get(asset_url(app)).headers["X-Content-Type-Options"] == "nosniff"
    for response in (client.get("/login"), client.get("/nowhere")):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert "camera=()" in response.headers["Permissions-Policy"]
        assert "Content-Security-Policy" in response.headers
    assert "Strict-Transport-Security" not in client.get("/login").headers
    secure = client.get("/login", base_url="https://desk.example.com")
    assert "max-age" in secure.headers["Strict-Transport-Security"]


def test_a_page_is_compressed_and_kept_by_nobody(client):
    plain = client.get("/login")
    packed = client.get("/login", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert b"<form" in gzip.decompress(packed.data)
    assert plain.headers["Cache-Control"] == packed.headers["Cache-Control"] == "no-store"


# Errors


def fail_with(status):
    return lambda: abort(status)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 429, 500, 503])
def test_an_error_is_a_page_in_plain_words(serve, status):
    response = serve(fail_with(status), headers={"Accept": "text/html"})
    assert response.status_code == status
    assert response.mimetype == "text/html"
    assert "<h1" in response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 429, 500, 503])
def test_an_error_is_json_for_a_program(serve, status):
    response = serve(fail_with(status), headers={"Accept": "application/json"})
    assert response.status_code == status
    assert set(response.json["error"]) == {"code", "message"}


def test_what_goes_wrong_inside_is_not_told(serve):
    def view():
        raise RuntimeError("password=hunter2")

    for accept in ("text/html", "application/json"):
        response = serve(view, headers={"Accept": accept})
        assert response.status_code == 500
        assert "hunter2" not in response.text


def test_a_lost_database_is_said_to_be_busy(serve):
    def view():
        db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    assert serve(view).status_code == 503
    assert serve(lambda: str(db.session.scalar(text("SELECT 1")))).text == "1"


def test_whoever_finds_us_busy_is_told_when_to_come_again(serve):
    assert serve(fail_with(503)).headers["Retry-After"] == "5"
    assert "Retry-After" not in serve(fail_with(500)).headers


def test_an_unknown_address_and_a_wrong_method(client):
    assert client.get("/nowhere").status_code == 404
    wrong = client.delete("/login")
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["Allow"]


def test_too_large_a_form_is_told_so(client):
    response = client.post("/login", data={"email": "x" * 3_000_000})
    assert response.status_code == 413


# Request ids


def test_a_request_has_an_id(client):
    made = [client.get("/healthz").headers["X-Request-ID"] for _ in range(2)]
    assert re.fullmatch(r"[0-9a-f]{16}", made[0])
    assert made[0] != made[1]


def test_the_router_s_id_is_kept(client):
    response = client.get("/healthz", headers={"X-Request-ID": "8e9a-router.id_1"})
    assert response.headers["X-Request-ID"] == "8e9a-router.id_1"


@pytest.mark.parametrize("given", ["short", "x" * 65, "a b c d e f g", '"}{"level":"x'])
def test_an_id_that_could_spoil_the_log_is_replaced(client, given):
    response = client.get("/healthz", headers={"X-Request-ID": given})
    assert re.fullmatch(r"[0-9a-f]{16}", response.headers["X-Request-ID"])


def test_a_line_of_the_log_is_one_json_object_with_the_request_s_id(app):
    record = logging.LogRecord("desk", logging.ERROR, "", 1, "two\nlines “ü”", None, None)
    with app.test_request_context("/"):
        g.request_id = "request-1"
        line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["request_id"] == "request-1"
    assert json.loads(line)["message"] == "two\nlines “ü”"


# Health


@pytest.fixture
def alive(context):
    for role in ("worker", "clock"):
        heartbeat.beat(role)


def test_alive_needs_nothing_else(client, app, monkeypatch):
    monkeypatch.setitem(app.extensions, "redis", None)
    assert client.get("/healthz").json == {"status": "ok"}


def test_ready_when_everything_is_there(client, alive):
    response = client.get("/readyz")
    assert (response.status_code, response.json["status"]) == (200, "ok")
    assert set(response.json["checks"].values()) == {"ok"}


@pytest.mark.parametrize("role", ["worker", "clock"])
def test_not_ready_names_who_is_silent(client, alive, role):
    redis.client.delete(f"frontdesk:alive:{role}")
    response = client.get("/readyz")
    assert response.status_code == 503
    failed = {name for name, check in response.json["checks"].items() if check != "ok"}
    assert failed == {role}
    assert role in response.json["checks"][role]


def test_a_sign_of_life_fades(context, alive):
    assert 0 < redis.client.ttl("frontdesk:alive:worker") <= heartbeat.SILENT_SECONDS


def test_not_ready_when_redis_is_away_and_it_says_so_without_secrets(client, app, monkeypatch):
    from redis import Redis

    nobody = Redis.from_url("redis://:hunter2@127.0.0.1:1/0")
    monkeypatch.setitem(app.extensions, "redis", nobody)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json["checks"]["redis"] == "failed: ConnectionError"
    assert response.json["checks"]["database"] == "ok"
    assert "hunter2" not in response.text


def test_not_ready_before_the_migrations(client, alive, monkeypatch):
    monkeypatch.setattr("app.pages.health.newest_migration", lambda: "another")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json["checks"]["migrations"] == "run `flask db upgrade`"


def test_what_opens_something_stands_in_no_log(client, caplog):
    with caplog.at_level(logging.INFO, "frontdesk.request"):
        client.get("/rate/a-signed-word")
    assert "/rate/<token> 404" in caplog.text
    assert "a-signed-word" not in caplog.text
