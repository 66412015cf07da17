"""The app with one address more, that keeps a connection of the pool busy: only for tests, under the
production start command. `gunicorn tests.standins.sleeping:app`"""

from sqlalchemy import text

from app.core.access import public
from app.extensions import db
from wsgi import app


@app.get("/sleep")
@public
def sleep() -> str:
    db.session.execute(text("SELECT pg_sleep(0.1)"))
    return "slept"
