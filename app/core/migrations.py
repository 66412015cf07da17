"""Alembic behind `flask db`, imported at its first use: it takes 10 MB, and web, worker and clock never need it."""

from functools import cache
from typing import Any

import click
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from werkzeug.local import LocalProxy


class LazyMigrate:
    """Stands where Flask-Migrate's Migrate would, and makes it when somebody asks."""

    def init_app(self, app: Flask, db: SQLAlchemy, directory: str) -> None:
        @cache
        def made() -> Any:
            from flask_migrate import Migrate

            Migrate(app, db, directory)  # puts itself into the place of this proxy
            return app.extensions["migrate"]

        app.extensions["migrate"] = LocalProxy(made)
        app.cli.add_command(_Commands("db", help="Database migrations."))


class _Commands(click.Command):
    """Its context is already the real command's, which then runs in its place."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        from flask_migrate.cli import db

        context: click.Context = db.make_context(info_name, args, parent, **extra)
        return context
