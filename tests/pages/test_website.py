"""Settings of the website chat: what is typed is kept, shown and refused; the secret; the chat's own page."""

import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.channels import website_identity
from app.channels.models import Channel
from app.channels.website import Asked, WebsiteSettings
from app.config import ROOT
from app.core import http
from app.core.storage import File
from app.extensions import db
from app.pages import site_check
from tests.conftest import Cast, Inside, Person
from tests.pages.test_settings import TYPED, save

Login = Callable[[Person], FlaskClient]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
EXAMPLES = ROOT / "templates" / "pages" / "identity"


def settings(inside: Inside, kind: str = "website") -> WebsiteSettings:
    with inside():
        return WebsiteSettings.of(Channel.of_kind(kind))


def test_everything_that_is_saved_is_kept_and_shown_again(
    cast: Cast, login: Login, inside: Inside
) -> None:
    client = login(cast.owner)
    answer = save(
        client, cast, side="left", edge="32", launcher="label", hide_on_phones="y",
        **{"texts_es-greeting": "¡Hola!", "texts_ar-launcher": "اسألنا"},
        **{"rules-0-page": "/shop/*", "rules-0-seconds": "4", "rules-0-text_en": "Need help?"},
        **{"rules-0-once": "visitor", "rules-1-page": "/*", "rules-1-text_de": "Hallo"},
        **{"rules-1-once": "session", "bubble": "y", "bubble_seconds": "0"},
        ask_email="must", ask_text="ask", ask_label="What is it about?", asked_when="before",
        consent_required="y", questions_from="own", questions="Do you deliver?\n\nAre dogs allowed?",
        signed_only="y", hosted_indexed="y",
    )  # fmt: skip
    assert answer.status_code == 303
    kept = settings(inside)
    assert kept == settings(inside, "preview")
    assert (kept.side, kept.edge, kept.launcher, kept.hide_on_phones) == ("left", 32, "label", True)
    assert (kept.texts["es"].greeting, kept.texts["ar"].launcher) == ("¡Hola!", "اسألنا")
    assert [(each.page, each.seconds, each.once, each.texts) for each in kept.proactive] == [
        ("/shop/*", 4, "visitor", {"en": "Need help?"}),
        ("/*", 0, "session", {"de": "Hallo"}),
    ]
    assert kept.bubble_seconds == 0
    assert kept.asked == [
        Asked(kind="email", required=True),
        Asked(kind="text", label="What is it about?"),
    ]
    assert kept.questions == ["Do you deliver?", "Are dogs allowed?"]
    page = client.get(f"/b/{cast.slug}/settings/website").text
    for shown in ("¡Hola!", "اسألنا", "/shop/*", "Need help?", "Are dogs allowed?"):
        assert shown in page
    [seconds] = re.findall(r'<input[^>]*name="bubble_seconds"[^>]*>', page)
    assert 'value="0"' in seconds


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("edge", "500", "From 0 to 120 pixels."),
        ("edge", "", "Write a number of pixels."),
        ("side", "top", "Not a valid choice"),
        ("texts_de-title", "x" * 61, "This is too long: 60 characters fit."),
        ("rules-0-page", "shop", "Write a path that begins with / or *"),
        ("rules-0-text_fr", "x" * 161, "This is too long"),
        ("questions", "\n".join("abcde"), "4 questions fit; these are 5."),
        ("questions", "x" * 71, "A question may have 70 characters."),
        ("questions_from", "own", "Write at least one question"),
        ("ask_text", "must", "Write the question."),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    cast: Cast, login: Login, inside: Inside, *, field: str, value: str, told: str
) -> None:
    answer = save(login(cast.owner), cast, **{"texts_en-title": "Kept as typed", field: value})
    assert answer.status_code == 422
    assert told in answer.text
    assert "Kept as typed" in answer.text
    assert settings(inside) == WebsiteSettings()


def test_new_words_to_agree_to_are_a_new_version(cast: Cast, login: Login, inside: Inside) -> None:
    client = login(cast.owner)
    for words, version in (("A", 2), ("A", 2), ("B", 3)):
        save(client, cast, **{"texts_en-consent": words})
        assert settings(inside).consent_version == version


def send_picture(client: FlaskClient, cast: Cast, data: bytes, **rest: str) -> Any:
    form = TYPED | {"picture": (io.BytesIO(data), "logo.png")} | rest
    return client.post(f"/b/{cast.slug}/settings/website", data=form)


def test_a_picture_stands_in_the_chat_until_it_is_removed(
    cast: Cast, login: Login, client: FlaskClient, inside: Inside
) -> None:
    owner = login(cast.owner)
    for data in (PNG, PNG + b"other"):
        assert send_picture(owner, cast, data).status_code == 303
    with inside():
        assert db.session.scalar(select(func.count()).select_from(File)) == 1
    [address] = re.findall(
        r'src="(/w/[^"]+/picture/[^"]+)"', client.get(f"/w/{cast.website_key}").text
    )
    shown = client.get(address)
    assert (shown.data, shown.mimetype) == (PNG + b"other", "image/png")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    other = address.replace(cast.website_key, cast.neighbour_key)
    assert client.get(other).status_code == 404
    save(owner, cast, remove_picture="y")
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Choose a PNG, JPEG or WebP picture."),
        (b"<html>", "Choose a PNG, JPEG or WebP picture."),
        (PNG + b"\0" * 200 * 1024, "larger than 200 KB"),
    ],
)
def test_what_is_no_small_picture_is_refused(
    cast: Cast, login: Login, inside: Inside, data: bytes, told: str
) -> None:
    answer = send_picture(login(cast.owner), cast, data, edge="33")
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="33"' in answer.text
    assert settings(inside) == WebsiteSettings()


def test_what_is_typed_shows_in_the_preview_and_nowhere_else(
    cast: Cast, login: Login, client: FlaskClient, inside: Inside
) -> None:
    owner = login(cast.owner)
    typed = TYPED | {"colour": "#123456", "texts_en-greeting": "Just typed"}
    answer = owner.post(f"/b/{cast.slug}/settings/website/draft", data=typed)
    page = owner.get(answer.json["url"])
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    [loader] = re.findall(r'src="(/w/[^"]+loader.js[^"]*)"', page.text)
    assert cast.preview_key in loader
    script = client.get(loader)
    assert "#123456" in script.text
    assert script.cache_control.no_store
    draft = answer.json["draft"]
    for key, is_shown in (
        (cast.preview_key, True),
        (cast.website_key, False),
        (cast.neighbour_key, False),
    ):
        frame = client.get(f"/w/{key}?draft={draft}")
        assert ("Just typed" in frame.text) is is_shown
    again = owner.post(f"/b/{cast.slug}/settings/website/draft", data=typed | {"draft": draft})
    assert again.json["draft"] == draft
    refused = owner.post(f"/b/{cast.slug}/settings/website/draft", data=typed | {"edge": "x"})
    assert (refused.status_code, refused.json) == (422, {"problems": 1})
    assert settings(inside) == WebsiteSettings()


def test_the_secret_is_shown_once_and_can_be_removed(
    cast: Cast, login: Login, inside: Inside
) -> None:
    owner, path = login(cast.owner), f"/b/{cast.slug}/settings/website/identity"
    made = owner.post(path)
    [secret] = re.findall(r"<code>([0-9a-f]{64})</code>", made.text)
    assert made.headers["Cache-Control"] == "no-store"
    assert secret not in owner.get(path).text
    assert "There is a secret" in login(cast.viewer).get(path).text
    assert "The one before is valid until" in owner.post(path).text
    with inside():
        assert website_identity.valid(Channel.of_kind("website"))[1] == secret
    assert owner.post(f"{path}/deletion").status_code == 303
    with inside():
        assert website_identity.valid(Channel.of_kind("website")) == []


RUNS = {
    "python": ("python3", "token.py", "print(frontdesk_token(7, 'a@b.example', 'Zoë “Q”'))"),
    "node": ("node", "token.cjs", "console.log(frontdeskToken(7, { email: 'a@b.example', name: 'Zoë “Q”' }))"),
    "java": (
        "java", "FrontdeskToken.java",
        'class Run { public static void main(String[] a) throws Exception '
        '{ System.out.println(FrontdeskToken.of("7", "a@b.example", "Zoë “Q”")); } }',
    ),
    "php": ("php", "token.php", "echo frontdesk_token(7, 'a@b.example', 'Zoë “Q”');"),
    "ruby": ("ruby", "token.rb", "puts frontdesk_token(7, email: 'a@b.example', name: 'Zoë “Q”')"),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_each_example_makes_a_token_that_we_know(name: str, tmp_path: Path) -> None:
    """Run where its language is here; the others say the same head, claims and seal."""
    program, file, call = RUNS[name]
    code = (EXAMPLES / f"{name}.txt").read_text()
    if not shutil.which(program):
        assert all(
            part in code for part in ('{"alg":"HS256","typ":"JWT"}', "FRONTDESK_SECRET", "exp")
        )
        return
    source = tmp_path / file
    source.write_text(
        f"{call}\n{code}" if name == "java" else f"{code}\n{call}\n", encoding="utf-8"
    )
    if name == "java":  # the first class of a file is the one that is run
        imports = "".join(line + "\n" for line in code.splitlines() if line.startswith("import"))
        rest = "\n".join(line for line in code.splitlines() if not line.startswith("import"))
        source.write_text(f"{imports}{call}\n{rest}", encoding="utf-8")
    secret = "s" * 64
    environ = os.environ | {
        "FRONTDESK_SECRET": secret,
        "JAVA_TOOL_OPTIONS": "-Dfile.encoding=UTF-8",
    }
    command = [program, *(["-Dstdout.encoding=UTF-8"] if name == "java" else []), str(source)]
    out = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    claims = jwt.decode(out.stdout.strip(), secret, algorithms=["HS256"])
    assert (claims["sub"], claims["email"], claims["name"]) == ("7", "a@b.example", "Zoë “Q”")


PAGE = '<script async src="https://desk.example/w/{key}/loader.js"></script>'


@pytest.mark.parametrize(
    ("text", "headers", "allowed", "tone", "told"),
    [
        (PAGE, {}, [], "green", "The line is there."),
        (PAGE, {}, ["https://*.shop.example"], "green", "The line is there."),
        (PAGE, {}, ["https://other.example"], "red", "isn’t among your allowed websites"),
        (PAGE, {"content-security-policy": "script-src 'self'"}, [], "amber", "Content-Security-Policy"),
        (PAGE.replace("{key}", "99-abc"), {}, [], "red", "of another chat"),
        ("<script src='https://www.googletagmanager.com/gtm.js'>", {}, [], "amber", "Tag Manager"),
        ("<p>Hello", {}, [], "red", "isn’t on this page"),
    ],
)  # fmt: skip
def test_check_my_site_says_what_it_finds(
    monkeypatch: pytest.MonkeyPatch, *, text: str, headers: dict[str, str], allowed: list[str],
    tone: str, told: str,
) -> None:  # fmt: skip
    def fetch(url: str, **_rest: Any) -> http.Fetched:
        return http.Fetched(
            200, headers, text.format(key="7-abc").encode() if "{" in text else text.encode(), url
        )

    monkeypatch.setattr(http, "fetch", fetch)
    finding = site_check.look("www.shop.example/", "7-abc", allowed)
    assert finding.tone == tone
    assert told in finding.text


@pytest.mark.parametrize(
    ("url", "status", "told"),
    [
        ("", 422, "Write the address of a page"),
        ("not a site", 422, "Write the address of a page"),
        ("http://127.0.0.1:1/", 200, "We couldn’t read this page."),
        ("http://169.254.169.254/", 200, "We couldn’t read this page."),
    ],
)
def test_an_address_that_can_not_be_read_is_told_and_kept(
    cast: Cast, login: Login, url: str, status: int, told: str
) -> None:
    answer = login(cast.owner).post(f"/b/{cast.slug}/settings/website/install", data={"url": url})
    assert answer.status_code == status
    assert told in answer.text
    assert f'value="{url}"' in answer.text


def test_sites_that_load_the_line_are_listed(cast: Cast, login: Login, client: FlaskClient) -> None:
    path = f"/w/{cast.website_key}/loader.js"
    for site in ("https://shop.example/plants?x=1", "javascript:alert(1)", ""):
        client.get(path, headers={"Referer": site})
    page = login(cast.viewer).get(f"/b/{cast.slug}/settings/website/install").text
    assert "<dd>https://shop.example</dd>" in page
    assert "javascript" not in page.partition("Seen lately")[2].partition("</dl>")[0]


def test_the_code_leads_to_the_chats_page(cast: Cast, login: Login, client: FlaskClient) -> None:
    owner, path = login(cast.owner), f"/b/{cast.slug}/settings/website/page"
    assert f"/chat/{cast.slug}" in owner.get(path).text
    assert owner.get(f"{path}/code.svg").data.startswith(b"<svg")
    assert owner.get(f"{path}/code.png").data.startswith(b"\x89PNG")
    assert owner.get(f"{path}/code.gif").status_code == 404
    assert f"/chat/{cast.slug}" in owner.get(f"{path}/print").text


@pytest.mark.parametrize("by", ["slug", "website_key"])
def test_the_page_shows_who_it_is_and_the_chat(cast: Cast, client: FlaskClient, by: str) -> None:
    answer = client.get(f"/chat/{getattr(cast, by)}")
    assert answer.status_code == 200
    assert "<h1><bdi>Test Shop</bdi></h1>" in answer.text
    assert f"/w/{cast.website_key}?hosted" in answer.text
    assert '<meta property="og:title" content="Chat with Test Shop">' in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers


def test_the_page_is_listed_or_off_as_its_owner_wishes(
    cast: Cast, login: Login, client: FlaskClient
) -> None:
    owner = login(cast.owner)
    save(owner, cast, hosted_indexed="y")
    assert "X-Robots-Tag" not in client.get(f"/chat/{cast.slug}").headers
    save(owner, cast, hosted="")
    assert client.get(f"/chat/{cast.slug}").status_code == 404
    assert "switched off" in owner.get(f"/b/{cast.slug}/settings/website/page").text


@pytest.mark.parametrize("name", ["nobody", "1-abc", "x" * 200, "0"])
def test_an_unknown_page_is_not_there(cast: Cast, client: FlaskClient, name: str) -> None:
    assert client.get(f"/chat/{name}").status_code == 404
    assert client.get(f"/chat/{cast.preview_key}").status_code == 404
