"""Structured logs: one JSON object a line in production, with the request's id on every line."""

import json
import logging
import re
import secrets
import sys
import time
from typing import Any

from flask import Flask, Response, g, has_request_context, request

REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
SLOW_SECONDS = 1.0
OPENING = ("token", "signed")  # parts of an address that let whoever has it in


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if has_request_context() and "request_id" in g:
            line["request_id"] = g.request_id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def configure(log_format: str, level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s  %(message)s", "%H:%M:%S")
    handler.setFormatter(JsonFormatter() if log_format == "json" else text)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("rq").setLevel(logging.WARNING)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.match(given) else secrets.token_hex(8)
    g.began = time.perf_counter()


def _finish(response: Response) -> Response:
    if not response.cache_control.public:  # of a kept answer it would tell nothing
        response.headers["X-Request-ID"] = g.get("request_id", "")
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    level = (
        logging.WARNING if response.status_code >= 500 or seconds > SLOW_SECONDS else logging.INFO
    )
    fields = {
        "method": request.method,
        "path": _path(),
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
    }
    logging.getLogger("frontdesk.request").log(
        level, "%(method)s %(path)s %(status)s %(ms)s ms", fields, extra={"fields": fields}
    )
    return response


def _path() -> str:
    """Without what opens something, so that nobody gets in by reading a log."""
    path, parts = request.path, request.view_args or {}
    for name in OPENING:
        if parts.get(name):
            path = path.replace(parts[name], f"<{name}>")
    return path
