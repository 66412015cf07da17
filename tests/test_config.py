"""Every environment variable, read once; production refuses what would be unsafe, by name."""

import os
import subprocess
import sys

import pytest

from app.config import (
    DEVELOPMENT_SECRET,
    OUR_DIMENSIONS,
    OUR_MODEL,
    ROOT,
    ConfigError,
    read,
)

SECRET = "a-secret-that-is-long-enough-for-anyone"
PRODUCTION = {
    "FRONTDESK_ENV": "production",
    "DATABASE_URL": "postgres://frontdesk@db.example/frontdesk",
    "REDIS_URL": "redis://redis.example/0",
    "SECRET_KEY": SECRET,
    "PUBLIC_URL": "https://desk.example.com",
}


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in PRODUCTION.items() if key != name}


def test_development_needs_nothing():
    config = read({})
    assert (config.ENV, config.DATABASE_URL, config.REDIS_URL) == ("development", "", "")
    assert config.SECRET_KEYS == [DEVELOPMENT_SECRET]
    assert config.PUBLIC_URL == "http://127.0.0.1:8000"


def test_production_starts_with_what_it_needs():
    config = read(PRODUCTION)
    assert config.is_production
    assert config.LOG_FORMAT == "json"
    assert config.as_flask()["SESSION_COOKIE_SECURE"] is True


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL"])
def test_production_names_the_variable_that_is_missing(name):
    with pytest.raises(ConfigError, match=f"^{name} is not set"):
        read(without(name))
    with pytest.raises(ConfigError, match=f"^{name} is not set"):
        read(PRODUCTION | {name: ""})


@pytest.mark.parametrize("secret", [DEVELOPMENT_SECRET, "short", "x" * 31])
def test_production_refuses_a_default_or_short_secret(secret):
    with pytest.raises(ConfigError, match=r"^SECRET_KEY is the development default or shorter"):
        read(PRODUCTION | {"SECRET_KEY": secret})


def test_production_refuses_an_old_secret_that_anybody_knows():
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        read(PRODUCTION | {"SECRET_KEYS_OLD": DEVELOPMENT_SECRET})


@pytest.mark.parametrize("name", ["PUBLIC_URL", "ANTHROPIC_BASE_URL"])
def test_production_refuses_an_address_without_encryption(name):
    with pytest.raises(ConfigError, match=f"^{name} must begin with https://"):
        read(PRODUCTION | {name: "http://desk.example.com"})


def test_a_secret_never_stands_in_a_refusal():
    with pytest.raises(ConfigError) as refused:
        read(PRODUCTION | {"SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_provider_s_address_gets_the_driver(scheme):
    config = read({"DATABASE_URL": f"{scheme}://me@db.example/desk?sslmode=require"})
    assert config.DATABASE_URL == "postgresql+psycopg://me@db.example/desk?sslmode=require"


def test_another_kind_of_database_is_refused():
    with pytest.raises(ConfigError, match=r"^DATABASE_URL"):
        read({"DATABASE_URL": "mysql://me@db.example/desk"})


@pytest.mark.parametrize("value", ["many", "-1", "1.5", "²"])
@pytest.mark.parametrize("name", ["PORT", "DATABASE_POOL_SIZE", "MAX_STREAMS", "BULK_SLOTS"])
def test_a_wrong_number_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=f"^{name} must be a whole number"):
        read({name: value})


@pytest.mark.parametrize("name", ["FRONTDESK_ENV", "EMBEDDING_BACKEND", "LOG_FORMAT", "LOG_LEVEL"])
def test_an_unknown_choice_is_refused_by_name(name):
    with pytest.raises(ConfigError, match=f"^{name} must be one of"):
        read({name: "something"})


def test_old_secrets_come_after_the_new_one():
    config = read({"SECRET_KEY": SECRET, "SECRET_KEYS_OLD": " older , ,oldest"})
    assert config.SECRET_KEYS == [SECRET, "older", "oldest"]
    assert config.as_flask()["SECRET_KEY"] == SECRET
    assert config.as_flask()["SECRET_KEY_FALLBACKS"] == ["older", "oldest"]


def test_the_public_address_has_no_slash_at_its_end():
    assert read({"PUBLIC_URL": "https://desk.example.com/"}).PUBLIC_URL.endswith(".com")


@pytest.mark.parametrize("name", ["DATABASE_URL", "SECRET_KEY"])
def test_the_process_does_not_start_and_says_why(name):
    environ = {key: value for key, value in os.environ.items() if key not in PRODUCTION}
    ended = subprocess.run(
        [sys.executable, "-c", "from app import create_app; create_app()"],
        cwd=ROOT,
        env=environ | without(name),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert f"{name} is not set" in ended.stderr


def test_the_embedding_model_is_ours_where_nothing_else_is_said():
    config = read({})
    assert (config.EMBEDDING_MODEL, config.EMBEDDING_DIMENSIONS) == (OUR_MODEL, OUR_DIMENSIONS)


def test_another_embedding_model_comes_with_its_dimensions():
    config = read({"EMBEDDING_MODEL": "other-small", "EMBEDDING_DIMENSIONS": "256"})
    assert (config.EMBEDDING_MODEL, config.EMBEDDING_DIMENSIONS) == ("other-small", 256)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"EMBEDDING_MODEL": "other"}, "^EMBEDDING_DIMENSIONS is not set"),
        ({"EMBEDDING_DIMENSIONS": "256"}, "^EMBEDDING_DIMENSIONS of all-MiniLM-L6-v2 is 384"),
        ({"EMBEDDING_MODEL": "../up", "EMBEDDING_DIMENSIONS": "9"}, "^EMBEDDING_MODEL names a dir"),
        ({"EMBEDDING_MODEL": "other", "EMBEDDING_DIMENSIONS": "0"}, "between 1 and 4000"),
        ({"EMBEDDING_MODEL": "other", "EMBEDDING_DIMENSIONS": "5000"}, "between 1 and 4000"),
        ({"EMBEDDING_MODEL": "other", "EMBEDDING_DIMENSIONS": "many"}, "must be a whole number"),
    ],
)
def test_an_embedding_model_that_can_t_be_is_refused_by_name(environ, message):
    with pytest.raises(ConfigError, match=message):
        read(environ)


@pytest.mark.parametrize(
    "url", ["smtp://mail.example", "smtps://me:p%40ss@mail.example:465", "smtp://127.0.0.1:1025/"]
)
def test_a_mail_server_comes_with_a_sender(url):
    config = read({"SMTP_URL": url, "MAIL_FROM": "Desk <desk@example.com>"})
    assert url == config.SMTP_URL
    assert config.MAIL_FROM == "Desk <desk@example.com>"
    with pytest.raises(ConfigError, match=r"^MAIL_FROM"):
        read({"SMTP_URL": url})


@pytest.mark.parametrize("url", ["mail.example:25", "https://mail.example", "smtp://a:hunter2@b:x"])
def test_what_is_no_mail_server_is_refused_without_its_password(url):
    with pytest.raises(ConfigError, match=r"^SMTP_URL must be") as refused:
        read({"SMTP_URL": url, "MAIL_FROM": "desk@example.com"})
    assert "hunter2" not in str(refused.value)


def test_what_the_assistant_may_spend_has_a_default_and_must_be_a_number():
    config = read({})
    assert (config.ASSISTANT_MONTH_CAP_CENTS, config.ASSISTANT_VISITOR_DAY_CAP_CENTS) == (2000, 50)
    assert config.MODEL_PRICES_FILE is None
    config = read({"ASSISTANT_MONTH_CAP_CENTS": "0", "MODEL_PRICES_FILE": "/prices.toml"})
    assert (config.ASSISTANT_MONTH_CAP_CENTS, str(config.MODEL_PRICES_FILE)) == (0, "/prices.toml")
    with pytest.raises(
        ConfigError, match=r"^ASSISTANT_VISITOR_DAY_CAP_CENTS must be a whole number"
    ):
        read({"ASSISTANT_VISITOR_DAY_CAP_CENTS": "0.5"})


def test_the_example_lists_every_variable():
    class Noted(dict[str, str]):
        def __init__(self) -> None:
            self.names: set[str] = set()

        def get(self, name, default=None):
            self.names.add(name)
            return default

    noted = Noted()
    read(noted)
    lines = (ROOT / ".env.example").read_text().splitlines()
    listed = {line.partition("=")[0] for line in lines}
    assert noted.names >= {"DATABASE_URL", "GRAPH_VERSION"}
    assert noted.names - listed == set()
