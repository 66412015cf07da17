"""Every environment variable, read once, typed and checked. Nothing else reads os.environ."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from app.core.redis import QUICK

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_SECRET = "development-only-secret-never-in-production"  # noqa: S105
MIN_SECRET_CHARACTERS = 32
OUR_MODEL = "all-MiniLM-L6-v2"  # its weights are installed with the app
OUR_DIMENSIONS = 384
MAX_DIMENSIONS = 4000  # of a half-precision vector that Postgres can index
EFFORTS = {"low", "medium", "high"}
LOG_LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR"}


class ConfigError(RuntimeError):
    """A setting is missing or wrong. The message names the variable."""


@dataclass(frozen=True, slots=True)
class Config:
    ENV: str  # development, test, production
    DATABASE_URL: str  # "" in development: the embedded server
    REDIS_URL: str
    SECRET_KEYS: list[str]  # newest first; the older still open what they closed
    DATA_DIR: Path
    PUBLIC_URL: str  # where visitors reach us, without a slash at the end
    EMBEDDING_MODEL: str  # its name, and its directory's in EMBEDDING_DIR
    EMBEDDING_DIMENSIONS: int
    EMBEDDING_BACKEND: str  # onnx, sentence-transformers
    EMBEDDING_SOURCE: str  # a sentence-transformers directory to build it from; "" for ours
    EMBEDDING_DIR: Path
    ANTHROPIC_API_KEY: str
    ANTHROPIC_BASE_URL: str
    ANTHROPIC_MODEL: str
    MODEL_PRICES_FILE: Path | None  # a list of the deployment's own, in the form of prices.toml
    ASSISTANT_MONTH_CAP_CENTS: int  # what a business's assistant may spend unless it says otherwise
    ASSISTANT_VISITOR_DAY_CAP_CENTS: int
    ANTHROPIC_ESCALATION_MODEL: str  # asked when the first doesn't know; "" for none
    ASSISTANT_EFFORT: str
    ASSISTANT_ESCALATION_EFFORT: str
    ASSISTANT_THINKING: str  # off, adaptive; models that can't go without think anyway
    GRAPH_BASE_URL: str  # Meta's, for WhatsApp and Messenger
    GRAPH_VERSION: str
    META_APP_ID: str  # the deployment's own Meta app; "": owners bring theirs
    META_APP_SECRET: str
    META_VERIFY_TOKEN: str  # of that app's webhook
    META_SIGNUP_CONFIG_ID: str  # of its Embedded Signup
    MESSAGE_PRICES_FILE: Path | None  # what templates cost, in the form of message_prices.toml
    TWILIO_BASE_URL: str
    INBOUND_MAIL_DOMAIN: str  # whose mail a provider posts to us; "": channels by IMAP alone
    INBOUND_MAIL_SECRET: str  # that the provider's webhook carries
    SMTP_URL: str  # "": mails go to the log, and in production nowhere
    MAIL_FROM: str
    OWN_MODEL_PRIVATE_ADDRESSES: bool  # a business's own model may run on this machine or network
    TRUSTED_PROXIES: int  # routers in front that add X-Forwarded-For
    POOL_SIZE: int
    PREPARED: bool  # statements may be; a pooler in transaction mode has to know them
    MAX_STREAMS: int
    INTERACTIVE_SLOTS: int
    BULK_SLOTS: int
    LOG_FORMAT: str  # json, text
    LOG_LEVEL: str

    @property
    def is_production(self) -> bool:
        return self.ENV == "production"

    def as_flask(self) -> dict[str, object]:
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return own | _flask_settings(self)


def read(environ: Mapping[str, str] = os.environ) -> Config:
    """Raises ConfigError naming the variable that is missing or wrong."""
    env = _choice(environ, "FRONTDESK_ENV", "development", {"development", "test", "production"})
    data_dir = Path(environ.get("FRONTDESK_DATA_DIR") or ROOT / ".data").resolve()
    port = _integer(environ, "PORT", 8000)
    model, dimensions = _embedding_model(environ)
    prices = environ.get("MODEL_PRICES_FILE", "")
    message_prices = environ.get("MESSAGE_PRICES_FILE", "")
    config = Config(
        ENV=env,
        DATABASE_URL=_database_url(environ.get("DATABASE_URL", "")),
        REDIS_URL=environ.get("REDIS_URL", ""),
        SECRET_KEYS=_secrets(environ, env),
        DATA_DIR=data_dir,
        PUBLIC_URL=environ.get("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        EMBEDDING_MODEL=model,
        EMBEDDING_DIMENSIONS=dimensions,
        EMBEDDING_SOURCE=environ.get("EMBEDDING_SOURCE", ""),
        EMBEDDING_BACKEND=_choice(
            environ, "EMBEDDING_BACKEND", "onnx", {"onnx", "sentence-transformers"}
        ),
        EMBEDDING_DIR=Path(environ.get("EMBEDDING_DIR") or data_dir / "embedding").resolve(),
        ANTHROPIC_API_KEY=environ.get("ANTHROPIC_API_KEY", ""),
        ANTHROPIC_BASE_URL=environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com"),
        ANTHROPIC_MODEL=environ.get("ANTHROPIC_MODEL", "claude-haiku-5-5"),
        MODEL_PRICES_FILE=Path(prices).resolve() if prices else None,
        ASSISTANT_MONTH_CAP_CENTS=_integer(environ, "ASSISTANT_MONTH_CAP_CENTS", 2000),
        ASSISTANT_VISITOR_DAY_CAP_CENTS=_integer(environ, "ASSISTANT_VISITOR_DAY_CAP_CENTS", 50),
        ANTHROPIC_ESCALATION_MODEL=environ.get("ANTHROPIC_ESCALATION_MODEL", "claude-sonnet-5-5"),
        ASSISTANT_EFFORT=_choice(environ, "ASSISTANT_EFFORT", "low", EFFORTS),
        ASSISTANT_ESCALATION_EFFORT=_choice(
            environ, "ASSISTANT_ESCALATION_EFFORT", "medium", EFFORTS
        ),
        ASSISTANT_THINKING=_choice(environ, "ASSISTANT_THINKING", "off", {"off", "adaptive"}),
        GRAPH_BASE_URL=_base(environ, "GRAPH_BASE_URL", "https://graph.facebook.com"),
        GRAPH_VERSION=environ.get("GRAPH_VERSION", "v25.0"),
        META_APP_ID=environ.get("META_APP_ID", ""),
        META_APP_SECRET=environ.get("META_APP_SECRET", ""),
        META_VERIFY_TOKEN=environ.get("META_VERIFY_TOKEN", ""),
        META_SIGNUP_CONFIG_ID=environ.get("META_SIGNUP_CONFIG_ID", ""),
        MESSAGE_PRICES_FILE=Path(message_prices).resolve() if message_prices else None,
        TWILIO_BASE_URL=_base(environ, "TWILIO_BASE_URL", "https://api.twilio.com"),
        INBOUND_MAIL_DOMAIN=environ.get("INBOUND_MAIL_DOMAIN", "").lower(),
        INBOUND_MAIL_SECRET=environ.get("INBOUND_MAIL_SECRET", ""),
        SMTP_URL=_smtp_url(environ),
        MAIL_FROM=environ.get("MAIL_FROM") or "Frontdesk <frontdesk@localhost>",
        OWN_MODEL_PRIVATE_ADDRESSES=_switch(environ, "OWN_MODEL_PRIVATE_ADDRESSES"),
        TRUSTED_PROXIES=_integer(environ, "TRUSTED_PROXIES", 1 if env == "production" else 0),
        POOL_SIZE=_integer(environ, "DATABASE_POOL_SIZE", 20),
        PREPARED=_choice(environ, "DATABASE_PREPARED", "1", {"0", "1"}) == "1",
        MAX_STREAMS=_integer(environ, "MAX_STREAMS", 2500),
        INTERACTIVE_SLOTS=_integer(environ, "INTERACTIVE_SLOTS", 64),
        BULK_SLOTS=_integer(environ, "BULK_SLOTS", 2),
        LOG_FORMAT=_choice(
            environ, "LOG_FORMAT", "json" if env == "production" else "text", {"json", "text"}
        ),
        LOG_LEVEL=_choice(environ, "LOG_LEVEL", "INFO", LOG_LEVELS),
    )
    if config.is_production:
        _refuse_unsafe(config, environ)
    return config


def _refuse_unsafe(config: Config, environ: Mapping[str, str]) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL"):
        if not environ.get(name):
            raise ConfigError(f"{name} is not set. Production needs it; docs/deploy.md says how.")
    for secret in config.SECRET_KEYS:
        if secret == DEVELOPMENT_SECRET or len(secret) < MIN_SECRET_CHARACTERS:
            raise ConfigError(
                f"SECRET_KEY is the development default or shorter than {MIN_SECRET_CHARACTERS} "
                "characters. Make one: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
    for name in ("PUBLIC_URL", "ANTHROPIC_BASE_URL", "GRAPH_BASE_URL", "TWILIO_BASE_URL"):
        if not getattr(config, name).startswith("https://"):
            raise ConfigError(f"{name} must begin with https:// in production.")


def _secrets(environ: Mapping[str, str], env: str) -> list[str]:
    """SECRET_KEY, then the comma-separated SECRET_KEYS_OLD that a rotation leaves behind."""
    current = environ.get("SECRET_KEY", "")
    if not current and env != "production":
        current = DEVELOPMENT_SECRET
    old = [part.strip() for part in environ.get("SECRET_KEYS_OLD", "").split(",")]
    return [secret for secret in [current, *old] if secret]


def _database_url(url: str) -> str:
    """Providers write postgres://; SQLAlchemy wants the driver's name."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if url and not url.startswith("postgresql+psycopg://"):
        raise ConfigError("DATABASE_URL must be a postgres:// or postgresql:// address.")
    return url


def _base(environ: Mapping[str, str], name: str, default: str) -> str:
    return (environ.get(name) or default).rstrip("/")


def _smtp_url(environ: Mapping[str, str]) -> str:
    """It may hold a password, which stands in no refusal."""
    url, sender = environ.get("SMTP_URL", ""), environ.get("MAIL_FROM", "")
    if url and not re.fullmatch(r"smtps?://([^@/\s]*@)?[^@/\s:]+(:\d{1,5})?/?", url):
        raise ConfigError("SMTP_URL must be smtp:// or smtps://user:password@host:port.")
    if url and not re.fullmatch(r"([^<>@]*<)?[^<>@\s]+@[^<>@\s]+>?", sender):
        raise ConfigError(
            "MAIL_FROM is not set to an address. SMTP_URL needs it: Frontdesk <desk@example.com>."
        )
    return url


def _embedding_model(environ: Mapping[str, str]) -> tuple[str, int]:
    """Its name, which is also a directory's, and the length of its vectors."""
    model = environ.get("EMBEDDING_MODEL") or OUR_MODEL
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", model):
        raise ConfigError(
            f"EMBEDDING_MODEL names a directory: letters, digits, . _ and -, not {model!r}."
        )
    if model != OUR_MODEL and not environ.get("EMBEDDING_DIMENSIONS"):
        raise ConfigError(
            f"EMBEDDING_DIMENSIONS is not set. Say how many numbers a vector of {model} has."
        )
    dimensions = _integer(environ, "EMBEDDING_DIMENSIONS", OUR_DIMENSIONS)
    if model == OUR_MODEL and dimensions != OUR_DIMENSIONS:
        raise ConfigError(f"EMBEDDING_DIMENSIONS of {model} is {OUR_DIMENSIONS}, not {dimensions}.")
    if not 1 <= dimensions <= MAX_DIMENSIONS:
        raise ConfigError(f"EMBEDDING_DIMENSIONS must lie between 1 and {MAX_DIMENSIONS}.")
    return model, dimensions


def _integer(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, "")
    if not value:
        return default
    if not (value.isascii() and value.isdigit()):
        raise ConfigError(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def _choice(environ: Mapping[str, str], name: str, default: str, allowed: set[str]) -> str:
    value = environ.get(name) or default
    if value not in allowed:
        raise ConfigError(f"{name} must be one of {', '.join(sorted(allowed))}, not {value!r}.")
    return value


def _switch(environ: Mapping[str, str], name: str) -> bool:
    return _choice(environ, name, "0", {"0", "1"}) == "1"


def _flask_settings(config: Config) -> dict[str, object]:
    return {
        "SECRET_KEY": config.SECRET_KEYS[0] if config.SECRET_KEYS else "",
        "SECRET_KEY_FALLBACKS": config.SECRET_KEYS[1:],
        "TESTING": config.ENV == "test",
        "SESSION_COOKIE_NAME": "frontdesk",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.is_production,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": config.is_production,
        "PERMANENT_SESSION_LIFETIME": 30 * 24 * 3600,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form may stay open all day
        "SQLALCHEMY_DATABASE_URI": config.DATABASE_URL,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_size": config.POOL_SIZE,
            "max_overflow": 0,
            "pool_pre_ping": False,
            "connect_args": {
                "connect_timeout": 5,
                "autocommit": True,  # core/tenancy.py begins transactions
                "prepare_threshold": None,  # the worker prepares some: core/preparing.py
                "options": "-c timezone=UTC -c statement_timeout=30000 "
                "-c idle_in_transaction_session_timeout=60000",
            },
        },
        "RATELIMIT_STORAGE_URI": re.sub("^unix:", "redis+unix:", config.REDIS_URL),
        "RATELIMIT_STORAGE_OPTIONS": QUICK,
        "RATELIMIT_HEADERS_ENABLED": True,
        "RATELIMIT_SWALLOW_ERRORS": True,  # Redis away: open doors are better than none
        # Nothing but an upload of files is larger; those endpoints raise their own limit.
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
    }
