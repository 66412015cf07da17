"""Frontdesk: create_app() puts the parts together and does nothing itself."""

from dataclasses import replace

from flask import Flask

from app.config import Config
from app.config import read as read_config

POOL_SECONDS = 5  # then 503 rather than a queue that never ends


def create_app(config: Config | None = None) -> Flask:
    from app import blueprints, cli, handlers
    from app.businesses import doors
    from app.core import access, gate, logs, realtime, unit_of_work, web
    from app.extensions import csrf, db, limiter, login, migrate
    from app.pages import shell

    config = config or read_config()
    app = create_core(config)
    _trust_proxies(app, config.TRUSTED_PROXIES)
    for extension in (login, limiter):
        extension.init_app(app)
    migrate.init_app(app, db, directory="migrations")
    for part in (logs, gate, unit_of_work, access, doors, web, realtime, handlers, shell):
        part.init_app(app)
    csrf.init_app(app)
    blueprints.register(app)
    cli.register(app)
    if not config.DATABASE_URL:
        cli.migrate_own_database(app)
    return app


def create_core(
    config: Config | None = None, *, pool_seconds: int = POOL_SECONDS, prepares: bool = False
) -> Flask:
    """What worker and clock need, and the beginning of every app: no page, no form, 20 MB less.
    `pool_seconds`: how long to wait for a connection. `prepares`: some statements (core/preparing.py)."""
    from app.assistant import prices
    from app.channels.message_templates import prices as message_prices
    from app.core import crypto, logs, preparing, translating
    from app.extensions import db, redis

    config = _with_servers(config or read_config())
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    app.config.from_mapping(config.as_flask())
    options = app.config["SQLALCHEMY_ENGINE_OPTIONS"]
    options["pool_timeout"] = pool_seconds
    if prepares and config.PREPARED:
        options["connect_args"]["prepare_threshold"] = preparing.NEVER_BY_ITSELF
        options |= preparing.OF_THE_POOL
    logs.configure(config.LOG_FORMAT, config.LOG_LEVEL)
    for part in (db, redis, crypto, translating, prices, message_prices):
        part.init_app(app)
    return app


def _with_servers(config: Config) -> Config:
    """Without DATABASE_URL or REDIS_URL (never in production): the embedded servers, held until the
    process ends."""
    if config.DATABASE_URL and config.REDIS_URL:
        return config
    from app.core.embedded import Embedded

    addresses = Embedded(config.DATA_DIR).attach()
    return replace(
        config,
        DATABASE_URL=config.DATABASE_URL or addresses.database_url,
        REDIS_URL=config.REDIS_URL or addresses.redis_url,
    )


def _trust_proxies(app: Flask, count: int) -> None:
    """The router in front names the visitor's address; nobody else is believed."""
    from werkzeug.middleware.proxy_fix import ProxyFix

    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
