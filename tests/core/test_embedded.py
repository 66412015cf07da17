"""The embedded servers: started by the first who needs them, stopped by the last, and nothing lost."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import create_engine, text

from app.core.embedded import Addresses, Embedded


@pytest.fixture
def data() -> Iterator[Path]:
    """A short path: sockets lie in it. Reachable for the system user that runs Postgres."""
    path = Path(tempfile.mkdtemp(prefix="fd-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def ask(addresses: Addresses, sql: str) -> object:
    engine = create_engine(addresses.database_url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(sql))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def redis_of(addresses: Addresses) -> Redis:
    return Redis.from_url(addresses.redis_url)


def test_they_run_for_as_long_as_anybody_holds_them_and_keep_everything(data):
    first, second = Embedded(data), Embedded(data)
    addresses = first.attach()
    ask(addresses, "CREATE TABLE kept (word text)")
    ask(addresses, "INSERT INTO kept VALUES ('rosemary')")
    redis_of(addresses).set("kept", "thyme")
    assert second.attach() == addresses

    first.detach()
    first.detach()  # safe to repeat
    assert ask(addresses, "SELECT word FROM kept") == "rosemary"

    second.detach()
    with pytest.raises(RedisError):
        redis_of(addresses).ping()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(addresses.database_url.replace("+psycopg", ""))

    third = Embedded(data)
    again = third.attach()
    try:
        assert ask(again, "SELECT word FROM kept") == "rosemary"
        assert redis_of(again).get("kept") == b"thyme"
    finally:
        third.detach()


def test_the_app_s_role_is_bound_by_row_security(servers):
    role = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    assert ask(Addresses(servers.database_url(), ""), role) is False


def test_nobody_on_the_network_reaches_them(servers, config):
    addresses = Addresses(servers.database_url(), config.REDIS_URL)
    assert ask(addresses, "SHOW listen_addresses") == ""
    assert redis_of(addresses).config_get("port") == {"port": "0"}


def test_a_long_path_gets_a_short_socket(tmp_path):
    """The kernel takes 107 bytes."""
    deep = Embedded(tmp_path / ("d" * 60) / ("e" * 60))
    address = deep.redis_url()
    assert len(address) < 107
    assert deep.redis_url() == address
    assert Embedded(tmp_path / ("d" * 60) / ("f" * 60)).redis_url() != address
